"""Rules on what is promised to people: patients, treatment, prevention, biomarkers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from organokine.claims import caveats
from organokine.claims.rule import Hit, Rule, by_sentence, in_whom, matches
from organokine.claims.stated import Place, Stated
from organokine.claims.words import ANIMAL, PEOPLE, pattern, some_words

_PROMISE = (
    r"help|benefit|treat|cure|prevent|protect|save|heal|restore|slow|reverse|guide|relieve|spare|detect|diagnose|receive|offer|give|improve|lower"
    r"|reduce|preserve|avoid|extend|see|need|live|allow|enable|stop|fight|change|transform|delay|keep|lift|boost|ease|end|repair|available|reach"
)
_MODAL = re.compile(
    rf"(?<![\w-])(?:will|could|can|may|might|would(?! like)|should|soon|helps?|promises? to|set to|able to|expected to|used to) {some_words(4)}(?:be )?{some_words(2)}"
    rf"(?:{_PROMISE})(?:s|ed|ing)?(?![\w-])",
    re.IGNORECASE,
)
_ON_PEOPLE = re.compile(
    r"(?<![\w-])(?:makes?|robs?|helps?|restores?|improves?|weakens?|protects?|prevents?|treats?|cures?|causes?|gives?|keeps?|worsens?"
    rf"|impairs?|slows?|saves?|lowers?|raises?|reduces?|boosts?|brings?|leads? to|lengthens?) {some_words(7)}(?:patients|people|humans|wom[ae]n|men|adults|seniors"
    r"|the elderly|sufferers|individuals|children|you|your)(?![\w-])",
    re.IGNORECASE,
)
_FIXED = pattern(
    r"(?:therapeutic|treatment|drug(?:gable)?|clinical) targets?(?: (?:for|in|of))?|target for (?:the )?(?:treatment|prevention|therapy|therapies)",
    r"(?:new|novel|potential|promising|effective|simple|better|first|possible|powerful) (?:\w{1,15} )?(?:treatments?|therap(?:y|ies)|therapeutics?|medicines?|drugs?|cure"
    r"|treatment option|way to (?:treat|prevent|slow|stop|lower|reverse|cure|delay|fight)(?: \w{1,12})?)",
    r"(?:open(?:s|ing)?|pav(?:es|ing|e)) (?:\w{1,8} )?(?:door|doors|way|road|path)(?: \w{1,8}){0,2}",
    r"(?:bring(?:s|ing)?|mov(?:es?|ing)|tak(?:es?|ing)) \w{1,15} (?:in)?to the (?:clinic|bedside|patient)|(?:clinically )?actionable|ready for (?:the clinic|patients|use)",
    r"treatment options?|(?:route|key|step|strateg(?:y|ies)|approach) (?:to|for|towards?) (?:\w{1,10} )?(?:treat\w{0,5}|therap\w{1,5}|prevent\w{0,5}|cur(?:e|ing)|slow\w{0,3}|reversing|delaying)",
    r"(?:prevention|treatment|diagnosis|care) of (?:\w{1,15} ){1,4}in (?:\w{1,15} )?(?:patients|people|adults|humans|the elderly|seniors)",
    r"(?:this|our|the new|a new) (?:therapy|treatment|drug|medicine|approach) (?:is )?for (?:\w{1,15} )?(?:patients|people|adults|those)",
    r"clinical benefits?|translat(?:es?|able|ed) (?:in)?to (?:humans|patients|people|the clinic)",
)
_TREATS = pattern(
    r"treats|cures|heals|rejuvenates|rebuilds|regrows"
    r"|reverses (?:\w{1,12} ){0,3}(?:disease|diabetes|ageing|aging|dementia|failure|blindness|arthritis|cancer|decline)|will (?:treat|cure|prevent|heal)|can (?:treat|cure|prevent)|effective (?:against|for|in treating)"
)
_YOURS = pattern(
    r"your (?:\w{1,12} )?(?:brain|heart|muscles?|bones?|gut|liver|kidneys?|balance|memory|body|hearing|sight|eyes|skin|mind|weight|joints|sleep|age|blood|risk"
    r"|immune system|nerves|arteries|metabolism|lungs)|in you"
)
_IN_PEOPLE = re.compile(
    r"(?<![\w-])in (?:\w{1,15} )?(?:patients|people|humans|wom[ae]n|men|older adults|adults|the elderly|seniors)(?! (?:will|would|could|is|are|was|were)\b)",
    re.IGNORECASE,
)
_EFFECT = pattern(
    r"(?:causes?|drives?|improves?|impairs?|weakens?|restores?|reverses?|prevents?|protects?|raises?|lowers?|reduces?|increases?|shortens?|lengthens?|worsens?|leads? to"
    r"|destroys?|slows?|speeds? up|strengthens?|regulates?|controls?|governs?|underl(?:ies|ie))"
)
_BIOMARKER = re.compile(
    r"(?<![\w-])(?:(?:is|are|as|be|serves?|novel|promising|potential|powerful|reliable|robust|useful|new|early|blood|plasma|serum|sensitive|specific|valuable|a|the"
    r"|first|key) (?:\w{1,15} ){0,2})?bio-?markers?\b(?! (?:discovery|studies|research|was|were|data)\b)"
    r"|(?<![\w-])(?:diagnostic|prognostic|predictive) markers?\b|(?<![\w-])(?:can|could|may|might|will|used to) (?:\w{1,12} ){0,3}(?:detect|diagnose|predict) "
    r"(?=(?:[\w-]{1,15} ){0,4}(?:disease|cancer|patients|illness|symptoms|onset|decline|people|dementia|diabetes|failure|who)\b)"
    r"|(?<![\w-])(?:blood test|early (?:diagnosis|detection))\b",
    re.IGNORECASE,
)
_CATEGORY = pattern(r"diagnostic|prognostic|predictive|monitoring|susceptibility|risk|pharmacodynamic|response|safety")
_FLUID = pattern(r"plasma|serum|blood|urine|saliva|cerebrospinal fluid|csf|circulating")
_DISCRIMINATES = pattern(
    r"area under (?:the|a)|auc|auroc|c-statistic|c-index|sensitivity|specificity|hazard ratio|odds ratio|likelihood ratio|roc"
)
_MEASURED = re.compile(
    r"(?:bio)?markers? (?:of|for) (?:\w{1,15} ){1,4}(?:was|were) (?:measured|assessed|determined|analy[sz]ed)",
    re.IGNORECASE,
)


def _names_only_animals(text: str) -> bool:
    return ANIMAL.search(text) is not None and PEOPLE.search(text) is None


def _promised(stated: Stated) -> Iterator[Place]:
    """Words that promise something to people, denied and open ones left out."""
    for wanted in (_FIXED, _TREATS):
        yield from (place for place in matches(stated, wanted) if not _names_only_animals(place.sentence.text))
    for wanted in (_MODAL, _ON_PEOPLE):
        yield from (place for place in matches(stated, wanted) if PEOPLE.search(place.sentence.text) is not None)
    yield from matches(stated, _YOURS)
    yield from (place for place in matches(stated, _IN_PEOPLE) if _EFFECT.search(place.sentence.text) is not None)


def _is_background(stated: Stated, place: Place) -> bool:
    """Whether a sentence tells what is known of a disease, and nothing of the page's own finding."""
    asks_how = (
        re.search(
            r"\b(?:understand\w{0,5}|mechanisms? (?:that|by which|whereby))\b", place.sentence.text, re.IGNORECASE
        )
        is not None
    )
    is_in_use = (
        re.search(
            r"\b(?:already|currently|long been|also (?:sold|used|given)|licensed|approved)\b",
            place.sentence.text,
            re.IGNORECASE,
        )
        is not None
    )
    return (
        asks_how
        or is_in_use
        or caveats.tells_of_others(place.sentence.text)
        or not stated.is_on_topic(place.sentence.text)
    )


def people_without_people(stated: Stated) -> Iterator[Hit]:
    """Something is said of patients, treatment or prevention, and nothing was measured in people."""
    if stated.has_people:
        return
    whom = in_whom(stated)
    why = f"it speaks of people or of treatment, but the page tells of no endpoint measured in people (studied {whom})"
    fairer = f"{whom}, ... ; whether this holds in people was not tested"
    yield from by_sentence((place for place in _promised(stated) if not _is_background(stated, place)), why, fairer)


def promise_without_trial(stated: Stated) -> Iterator[Hit]:
    """A treatment is promised from an observation of people."""
    if not stated.has_people or stated.has_experiment:
        return
    places = (
        place
        for wanted in (_MODAL, _TREATS)
        for place in matches(stated, wanted)
        if not _is_background(stated, place)
        and re.match(r"(?:will|treats|cures|heals)\b", place.text, re.IGNORECASE) is not None
        and PEOPLE.search(place.sentence.text) is not None
    )
    why = "it promises an effect of a change, but nobody's level was changed and compared by lot"
    yield from by_sentence(places, why, "... is associated with ...; whether changing it helps was not tested")


def biomarker_without_measure(stated: Stated) -> Iterator[Hit]:
    """A biomarker is claimed without category, fluid and discrimination in people."""
    lacks = [
        words
        for words, wanted in (
            ("a category (diagnostic, prognostic, ...)", _CATEGORY),
            ("a measure in blood or another fluid", _FLUID),
            ("how well it tells people apart (area under the curve with interval)", _DISCRIMINATES),
        )
        if wanted.search(stated.text) is None
    ]
    if not stated.has_people:
        lacks.append("people")
    if len(lacks) == 0:
        return
    places = (
        place
        for place in matches(stated, _BIOMARKER)
        if _MEASURED.search(place.sentence.text) is None
        and (_is_word_biomarker(place) or not stated.has_people)
        and not _is_background(stated, place)
    )
    why = f"a biomarker is claimed, and the page lacks {', '.join(lacks)}"
    yield from by_sentence(
        places, why, f"... was higher or lower {in_whom(stated)}; it has not been tested as a biomarker in people"
    )


def _is_word_biomarker(place: Place) -> bool:
    return "marker" in place.text.lower()


PEOPLE_RULE = Rule(
    "R07",
    "people_without_people",
    "Are patients, treatment or prevention spoken of where nothing was measured in people?",
    "Of therapies tested in animals about one in twenty is approved; a new finding has not even that record",
    "doi 10.1371/journal.pbio.3002667; doi 10.1136/bmj.g7015",
    "over-claim",
    people_without_people,
)
PROMISE = Rule(
    "R07t",
    "promise_without_trial",
    "Is a treatment or its success promised where people were only observed?",
    "A change that goes with health need not bring it",
    "doi 10.1136/bmj.g7015",
    "over-claim",
    promise_without_trial,
)
BIOMARKER = Rule(
    "R08",
    "biomarker_without_measure",
    "Is a biomarker claimed without its category, a measure in a body fluid, and how well it tells people apart?",
    "A difference between group means may be far too small to tell one person from another",
    "FDA-NIH BEST glossary of biomarkers",
    "over-claim",
    biomarker_without_measure,
)
