"""Rules on what stands in for evidence: ratings, quotes, hope, certainty, calls to act, doses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from organokine.claims import caveats
from organokine.claims.page import Sentence
from organokine.claims.rule import Hit, Rule, by_sentence, in_whom, matches
from organokine.claims.stated import Place, Stated
from organokine.claims.words import RATED, pattern

_SCALE = pattern(
    r"grade|scale|rated by|syrcle|arrive|robis|amstar|oxford|sign criteria|criteria|points? for|low certainty|certainty|\d ?= ?\w{3,12}|checklist"
)
_HOPE = pattern(
    r"(?:major |stunning |medical |scientific |huge )?break-?throughs?(?! (?:pain|infections?|seizures?|bleeding|cancer|cases|fever|disease))",
    r"miracles?|miraculous|revolution(?:ary|i[sz]es?|i[sz]ing)|game[- ]chang(?:er|ers|ing)|wonder (?:drug|cure)|holy grail|ground-?breaking|magic(?:al)? (?:bullet|pill)",
    r"(?:new|fresh|real|great|gives?|offers?|bring(?:s|ing)?|raises?) hopes?(?: (?:for|to|of))?|good news for (?:millions|patients|people|sufferers|anyone|everyone)|hope for (?:millions|patients|people|sufferers|families)|dream(?:ing|ed|t)? of",
    r"(?:finally|at last) (?:have |has |there is )?(?:an? )?(?:answer|cure|solution)|thing of the past|once and for all|fountain of youth|turn(?:s|ed)? back the clock"
    r"|stunning|astonishing|spectacular|life-?changing|cure for|melts? (?:away )?fat|simply fell away|secret (?:to|of)|forget (?:diets|drugs)|as if nothing had happened",
)
_CERTAIN = pattern(
    r"proves(?! (?:to|\w{3,15}ly) )|(?:has|have|been|is|are|scientifically|clinically|finally) (?:finally |clearly |been )?prove[dn](?! to be)|proof that",
    r"definitive(?:ly)? (?:proof|answer|evidence|show\w?|prove\w?|establish\w{0,2})|beyond doubt|undoubtedly|guarante(?:es|ed)|there is no doubt",
    r"no side effects?|free of side effects?|100 ?% (?:safe|effective)|completely safe|works, full stop|(?:restores|cures|fixes|ends) (?:\w{1,12} ){1,3}for good|(?:findings|results) establish|always works",
)
_SOLD = (
    r"(?:would|will|can|could) (?:\w{1,10} )?(?:cure|heal|save|change|transform|help|end|need|restore|solve|fix|make)|works|game[- ]chang\w{1,3}|break-?through\w?|revolution\w{0,5}"
    r"|amazing|incredibl[ey]|astonishing|stunning|exciting|never seen anything|cure[sd]?|miracle|life-?changing|proves?|proven|answer we|hope|huge|dramatic(?:ally)?|nobody will|full stop"
    r"|finally|best|changes everything|convinced|no doubt"
)
_SOLD_WORDS = pattern(_SOLD)
_SAYS = pattern(
    r"says?|said|adds|added|explain(?:s|ed)|told|according to|comment(?:s|ed)|notes|noted|believes?|calls?|called|hail(?:s|ed)?|describe[sd]?|conclude[sd]|agree[sd]?|enthuse[sd]"
)
_HAILED = pattern(
    r"(?:experts?|doctors|scientists|researchers|specialists|many) (?:call|hail|describe|praise|agree|are calling|have called|say it)"
)
_ACT = re.compile(
    r"(?:^|[.!?;:,] |\bto |\band |\bnow |\byou can )(?:order|buy|purchase|pre-?order|shop|subscribe|sign up|click|grab)\b (?:your|now|here|it|the|a|today|for|online|yours)\b"
    r"|(?<!in )\border (?:your|now|yours|online)\b|\buse (?:the |our |my )?(?:\w{1,12} )?code\b|\b\d{1,3} ?% off\b|\bdiscount\b|\bregister (?:their|your) interest\b"
    r"|\bjoin (?:the |our )(?:wait(?:ing)?[- ]?list|trial|study|program(?:me)?)\b|\b(?:get|getting|put|be) (?:\w{1,10} )?on the (?:waiting )?list\b|\b(?:start|begin) (?:today|now|taking)\b"
    r"|\bask (?:your|a) (?:doctor|gp|pharmacist|physician)\b[^.!?]{0,40}?\b(?:for|to prescribe|whether you can get)\b(?! advice)|\bbook (?:a|your) (?:consultation|appointment|session|test)\b",
    re.IGNORECASE,
)
_OF_THE_SITE = pattern(
    r"newsletters?|alerts?|updates|e-?mails?|accounts?|webinars?|events?|lectures?|talks?|conferences?|tickets?|seats?"
)
"""What a site, not a study, asks its readers to sign up for."""
_ADVICE = re.compile(
    r"\b(?:you|everyone|everybody|anyone|people|patients|adults|we all|seniors|doctors|clinicians|physicians) (?:\w{1,10} ){0,4}(?:should|must|need to|ought to) (?:\w{1,10} )?"
    r"(?:tak(?:e|ing)|eat(?:ing)?|avoid(?:ing)?|stop|start(?:ing)?|add(?:ing)?|try(?:ing)?|drink(?:ing)?|use|prescribe|offer|supplement(?:ing)?|ask for|consider \w+ for)\b"
    r"|\b(?:i|we) (?:strongly )?recommend\b(?! (?:that (?:future|further)|further|future|replicat))|\b(?:is|are) (?:strongly )?recommended (?:for|to|daily|twice|once)\b"
    r"|\b(?:a handful|a glass|a spoonful|one|two|\d{1,4}) (?:\w{1,10} )?(?:a|per|each|every) day (?:is|are|will|keeps)\b"
    r"|(?:^|[.!?;:] |, so |\bso |\band )(?:take|eat|add|try|avoid|drink|stop|swap|include) [^.!?]{0,60}\b(?:your|daily|every day|a day|mg|each day|breakfast|dinner|supplements?|twice)\b",
    re.IGNORECASE,
)
_DOSE = re.compile(
    r"\b\d[\d,.]{0,6} ?(?:mg|g|mcg|µg|μg|iu|ml|milligrams?|grams?|capsules?|tablets?|drops|units)\b[^.;]{0,30}?\b(?:a day|per day|daily|twice|once|each (?:day|morning|night)|every (?:day|morning|night)"
    r"|before bed|with (?:breakfast|food|meals?|dinner))\b",
    re.IGNORECASE,
)
_TO_READER = pattern(
    r"you|your|yours|recommend(?:ed|s)?|should|for an adult|adults? (?:can|should|need)|ideal dose|optimal dose|best dose|start(?:ing)? (?:with|on)"
)


def unscaled_rating(stated: Stated) -> Iterator[Hit]:
    """A mark for evidence without who gave it, by which scale."""
    for place in matches(stated, RATED):
        if _SCALE.search(place.sentence.text[: place.start] + " ... " + place.sentence.text[place.end :]) is None:
            why = "a mark is given, and neither its scale, nor who gave it, nor by which rules"
            yield Hit(
                place.sentence,
                ((place.start, place.end),),
                why,
                "say what was shown, in whom and how often; leave the mark out, or name its scale and rater",
            )


def quote_as_evidence(stated: Stated) -> Iterator[Hit]:
    """Somebody's praise stands where a measurement should."""
    attributed = {
        sentence.block
        for sentence in stated.page.sentences
        if sentence.kind == "quote" or _SAYS.search(sentence.text) is not None
    }
    for sentence in stated.page.sentences:
        if sentence.block not in attributed:
            continue
        words = [
            (match.start(), match.end())
            for start, end in sentence.spoken
            for match in _SOLD_WORDS.finditer(sentence.text, start, end)
            if not stated.is_fair(Place(sentence, match.start(), match.end()))
        ]
        words += [
            (m.start(), m.end())
            for m in _HAILED.finditer(sentence.text)
            if _SOLD_WORDS.search(sentence.text) is not None and not _fair(stated, sentence, m)
        ]
        if len(words) > 0:
            why = "what somebody says is offered for evidence; an opinion, above all of who made the finding, shows nothing"
            yield Hit(
                sentence,
                tuple(words),
                why,
                f"replace the quote by the result: how large, {in_whom(stated)}, in how many",
            )


def hope_words(stated: Stated) -> Iterator[Hit]:
    """Words that sell."""
    places = (
        place
        for place in matches(stated, _HOPE)
        if not (stated.is_randomised and stated.has_people and place.text.lower().startswith("cure"))
    )
    why = "the word promises more than any single study can show"
    yield from by_sentence(places, why, f"say what was found, {in_whom(stated)}, and what is still open")


def certainty_words(stated: Stated) -> Iterator[Hit]:
    """Words that close a question that one study cannot close."""
    places = (place for place in matches(stated, _CERTAIN) if not caveats.tells_of_others(place.sentence.text))
    yield from by_sentence(
        places, "one study proves nothing for good", "... suggests ..., and should be repeated elsewhere"
    )


def call_to_act(stated: Stated) -> Iterator[Hit]:
    """The reader is asked to buy, book, join or ask for something."""
    why = "it asks the reader to act on a finding; a report of a study has nothing to sell"
    places = (place for place in matches(stated, _ACT) if _OF_THE_SITE.search(place.sentence.text) is None)
    yield from by_sentence(places, why, "leave it out, or: talk to your doctor about your own care")


def dose_or_advice(stated: Stated) -> Iterator[Hit]:
    """The reader is told what to take, or how much."""
    doses = (place for place in matches(stated, _DOSE) if _TO_READER.search(place.sentence.text) is not None)
    why = "it tells the reader what to take or to do, which the study did not test for this reader"
    yield from by_sentence(
        iter([*matches(stated, _ADVICE), *doses]),
        why,
        "there is nothing to start or to stop because of this study alone",
    )


def _fair(stated: Stated, sentence: Sentence, match: re.Match[str]) -> bool:
    return stated.is_fair(Place(sentence, match.start(), match.end()))


_REPORTING = "Notes on the presentation of evidence: no hope words, calls to buy, book or join, doses or advice"
RATING = Rule(
    "R20",
    "unscaled_rating",
    "Is evidence given a mark without scale, rater and rules?",
    "A mark looks exact and cannot be checked; journals and stars are no evidence",
    "GRADE gives words with reasons, never a total (doi 10.1371/journal.pone.0187271)",
    "over-claim",
    unscaled_rating,
)
QUOTE = Rule(
    "R20q",
    "quote_as_evidence",
    "Does a quote stand for a result?",
    "Who made a finding is no witness to it",
    "doi 10.1136/bmj.g7015",
    "over-claim",
    quote_as_evidence,
)
HOPE = Rule(
    "P3", "hope_words", "Are there words that sell?", "Patients act on hope", _REPORTING, "over-claim", hope_words
)
CERTAINTY = Rule(
    "P4",
    "certainty_words",
    "Is something called proven or safe for good?",
    "Half of what one study finds is not found again",
    _REPORTING,
    "over-claim",
    certainty_words,
)
ACT = Rule(
    "P5",
    "call_to_act",
    "Is the reader asked to buy, book, join or ask for something?",
    "A report has nothing to sell",
    _REPORTING,
    "over-claim",
    call_to_act,
)
ADVICE = Rule(
    "P6",
    "dose_or_advice",
    "Is the reader given a dose or advice?",
    "It may harm, and nobody examined this reader",
    _REPORTING,
    "over-claim",
    dose_or_advice,
)
