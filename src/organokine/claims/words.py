"""Words by which a text names organisms, people, designs and effects.

Every pattern begins at a word's edge and repeats a bounded number of times, so that the time it takes grows with the length of a
text and no faster, whatever the text is.
"""

from __future__ import annotations

import re


def pattern(*alternatives: str) -> re.Pattern[str]:
    """One pattern of whole words, small and capital letters alike."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(alternatives)})(?![\w])", re.IGNORECASE)


def some_words(most: int) -> str:
    """Up to so many words, to stand between two others in a pattern; they may be bracketed, but no sentence sign may follow."""
    return rf"(?:[\w'’(),%/-]{{1,30}} ){{0,{most}}}"


RODENTS = {
    "mice": r"mice|mouse|murine|c57bl(?:/?6\w{0,3})?|balb/?c|ob/ob|db/db|apoe-/-|5xfad|mdx",
    "rats": r"rats?|sprague[- ]dawley|wistar|fischer 344|long[- ]evans|zucker|f344",
    "rodents": r"rodents?",
}
OTHER_ANIMALS = {
    "guinea pigs": r"guinea[- ]pigs?",
    "hamsters": r"hamsters?",
    "gerbils": r"gerbils?",
    "rabbits": r"rabbits?",
    "dogs": r"(?:pet )?dogs?|beagles?|puppies",
    "cats": r"cats?|felines?|kittens?",
    "pigs": r"(?:mini)?pigs|piglets?|porcine|swine",
    "sheep": r"sheep|lambs?|ewes?",
    "goats": r"goats?",
    "cattle": r"cows?|calves|cattle|heifers?",
    "horses": r"horses?|foals?",
    "monkeys": r"monkeys?|macaques?|rhesus (?:monkeys?|macaques?)|marmosets?|baboons?|non-?human primates?",
    "chickens": r"chick(?:en)?s?|hens|quails?",
    "frogs": r"xenopus|frogs?|tadpoles?|axolotls?|amphibians?",
    "zebrafish": r"zebrafish|killifish|medaka",
    "flies": r"drosophila|fruit flies|fruit fly",
    "worms": r"c\. elegans|caenorhabditis|nematodes?|roundworms?",
}
ANIMALS = {**RODENTS, **OTHER_ANIMALS}
ANIMAL = pattern(*ANIMALS.values())
_ACTED = (
    "were|received|had|showed|developed|that|given|fed|lacking|with|from|ran|died|lost|gained|lived|underwent|whose"
)
SOME_ANIMALS = pattern(
    rf"(?:treated|control|these|those|aged|old|young|adult|infected|injected|stimulated|deficient|experimental|transgenic|diabetic"
    rf"|overweight|obese|laboratory|lab|male|female|\d{{1,4}}) animals|animals (?:{_ACTED})|animal experiments?|(?:in|our|this|the) (?:an )?animal models?"
)
SIGNS_OF_ANIMALS = pattern(
    r"littermates?|hind ?limbs?|hind ?legs?|forelimbs?|tail[- ]vein|gavaged?|rota-?rod|water maze|euthani[sz]ed|were sacrificed|(?:home|per|in|by) cages?"
    r"|(?:wild-type|knock-?out|transgenic) (?:animals|littermates|controls)"
)
REAGENT = re.compile(
    r" (?:monoclonal|polyclonal|anti-|antibod|antiser|igg|serum albumin|red (?:blood )?cell|erythrocyte|hybridoma|feeder|serum\b|bites?\b"
    r"|scratch|allerg|dander|milk|owners?\b)",
    re.IGNORECASE,
)
"""What follows the name of an animal where it is a reagent, an exposure or a companion, not what was studied."""

PERSON = (
    "patients?|volunteers?|participants?|wom[ae]n|m[ae]n|people|persons?|individuals|adults|children|infants?|newborns?|boys?|girls?"
    "|pensioners|residents|donors|subjects|smokers|athletes|survivors|twins|families|students|nurses|humans?|adolescents|seniors"
    "|workers|employees|veterans|runners|cyclists|respondents|households"
)
PEOPLE = pattern(
    "patients?|people|persons?|humans?|wom[ae]n|m[ae]n|adults|seniors|sufferers|individuals|children|millions|doctors|clinicians|thousands"
    "|physicians|surgeons|the clinic|clinics|the elderly|elderly|pensioners|you|your|yours|us|everyone|anyone|those affected|survivors"
)
_NUMBER = (
    r"\d[\d,.]{0,9}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ]\w{3,5})?|hundred|thousand|dozens?(?: of)?"
)
UNITS = (
    f"{PERSON}|animals|mice|rats|rodents|guinea pigs|hamsters|gerbils|rabbits|dogs|cats|pigs|sheep|monkeys|macaques|fish|zebrafish|larvae|flies"
    r"|worms|embryos|donors|islets|samples|cases|controls|eyes|litters|pups|cows|horses|chickens|frogs|males|females|specimens|pairs"
    "|patients|tumou?rs|cultures|wells|biopsies|per group|in each group|per arm|treated|hearts|slices|studies|trials|papers"
)
SIZE = re.compile(
    rf"(?<![\w.])(?:n ?[=≥>] ?\d|(?:{_NUMBER}),? (?!times|fold|percent|per|weeks?|months?|years?|hours?|days?){some_words(4)}(?:{UNITS})\b|\d{{1,3}}-year-old (?:wo)?man|(?:one|single) patient"
    r"|groups? of \d|(?:sample|group) size)",
    re.IGNORECASE,
)
_STUDIED = (
    "studied|enrolled|recruited|examined|followed|tested|treated|measured|randomi[sz]ed|interviewed|asked|compared|investigated|observed"
    "|assessed|scanned|surveyed|invited|screened|included|assigned|evaluated|analy[sz]ed|admitted|seen"
)
PEOPLE_STUDIED = re.compile(
    rf"(?<![\w.])(?:(?:{_NUMBER}) {some_words(4)}(?:{PERSON})\b"
    rf"|(?:{_STUDIED}) {some_words(5)}(?:{PERSON})\b"
    rf"|(?:{PERSON}) {some_words(4)}(?:was|were) (?:\w{{1,12}}ly |then |also )?(?:{_STUDIED}|given|drawn|divided|scored)\b"
    rf"|participants {some_words(2)}(?:filled|completed|took|received|wore|gave|answered|walked|slept|ate|drank|had|reported|wrote|came)\b"
    rf"|(?:plasma|serum|blood|biops(?:y|ies)|samples?|tissues?|muscle|urine|islets|cells|organs) (?:from|of|in) {some_words(4)}(?:{PERSON})\b"
    r"|human (?:plasma|serum|blood|biops(?:y|ies)|samples?|tissues?|muscle|liver|brain|urine|islets|cohorts?|donors|volunteers|subjects"
    r"|placentas?|lymphocytes|milk|kidneys?|skin)\b"
    r"|\d{1,3}-(?:year|month|week)-old (?:\w{1,12} )?(?:wom|m|boy|girl|patient|infant))",
    re.IGNORECASE,
)
NOT_STUDIED = pattern(
    r"million|billion|worldwide|affects?|each year|every year|(?:one|1|two|three) (?:\w{1,12} )?in|per ?cent of|\d{1,3} ?% of|live with|suffer"
    r"|common in|often|some people|many (?:people|patients)|in general"
)
"""Where people are counted who took no part: what a disease costs and how common it is."""

CELLS = pattern(
    r"cultured|cell cultures?|in culture|cell lines?|in vitro|organoids?|in (?:a|the) dish|hek ?293\w?|hela|c2c12|myotubes|petri dish(?:es)?"
)
PREDICTED = pattern(r"predicted|docked|in silico|in a computer|computer model|simulat(?:ed|ions?)|alphafold")
LOSS = pattern(
    r"(?:\w{2,20}-)?knock(?:ed|ing)?[- ]?(?:out|down)s?|delet(?:ed|ing|ion|ions)|lack(?:ed|s|ing)?|(?:\w{2,20}-)?deficien(?:t|cy)|(?:\w{2,12}-)?null"
    r"|ablat(?:ed|ing|ion)|silenc(?:ed|ing)|sh(?:ort )?(?:rna|hairpin)|sirna|crispr|(?:neutrali[sz]ing )?antibod(?:y|ies)"
    r"|block(?:ed|ing|s|ade)?|inhibit(?:ed|ing|s|or|ors|ion)?|antagonists?|remov(?:ed|ing|al|es)|deplet(?:ed|ing|ion)|neutrali[sz]\w{1,5}"
    r"|antibiotics?|without the gene|loss[- ]of[- ]function|switch(?:ed|ing) (?:it )?off|mutants?|hairpin|surgery|nephrectomy|\w{2,12}ectomy|turn(?:ed|ing) off"
)
GAIN = pattern(
    r"over-?express\w{0,5}|inject(?:ed|ing|ions?)|gave|given|receiv(?:ed|ing)|administ\w{2,10}|infus\w{2,5}|(?:was|were) fed|fed|gavage|aav\d?"
    r"|adeno-?associated|transplant\w{0,6}|graft\w{0,5}|transfer(?:red|s)?|supplement\w{0,5}|extra copies|treated|treating|stimulat\w{2,4}|dose[ds]?"
    r"|exercis\w{2,4}|moved|add(?:ed|ing)|raising|transgenic|parabiosis|exposed|restor(?:ed|ing) the gene|implanted|vaccinated|challenged|placebo|sham"
)
RANDOMISED = pattern(
    r"randomi[sz]ed|randomi[sz]ation|randomly|at random|by lot|placebo|sham|cross-?over|mendelian|allocated|genetically predicted|intervention group"
)
TREATED = pattern(
    r"receiv(?:ed|ing)|given|administ\w{2,10}|treated|treatment|inject\w{2,5}|infus\w{2,5}|operat\w{2,4}|surgery|underwent|doses?|took|vaccin\w{2,6}|therapy"
)
"""Where people were given something, though nobody says that it was by lot."""
OBSERVED = pattern(
    r"cross-sectional|cohort|survey(?:ed)?|questionnaires?|correlat\w{1,5}|associat\w{1,5}|observational|followed (?:up|for|over)|we followed|case-control|registry"
    r"|(?:medical|health) records|once in|biobank|linked to|tied to"
)
RESULT = pattern(
    r"(?:was|were|is|are) (?:\w{1,12} ){0,3}(?:higher|lower|raised|reduced|increased|decreased|elevated|longer|shorter|larger|smaller|better|worse"
    r"|restored|improved|impaired|slower|faster)",
    r"(?:rose|fell|dropped|doubled|tripled|halved|increased|decreased|reduced|lowered|raised|improved|impaired|shortened|lengthened|worsened"
    r"|slowed|restored|rescued|lost|gained|prevented|protected|boosted|brought back|returned)",
    r"\d[\d.]{0,6} ?(?:%|per ?cent|times|fold)(?: \w{1,12}){0,2} (?:more|less|higher|lower|further|longer|shorter)",
)
TELLS_STUDY = pattern(
    r"stud(?:y|ies)|research(?:ers)?|scientists?|trial|experiments?|findings?|discover(?:y|ed|ies)|we (?:found|show|report|studied|measured|asked)"
    r"|the (?:team|authors)|results|evidence"
)
RATED = re.compile(
    r"(?<![\w-])(?:evidence|clinical relevance|relevance|impact|confidence|reliability|rating|rated|credibility|trust(?:worthiness)?)"
    r"(?: (?:score|level|strength|rating|grade|quality|index|is|was|of|at|the|evidence|stage|as)){0,4}[:|]? ?"
    r"(?:\d{1,3}(?:\.\d{1,2})? ?(?:/|out of|of) ?\d{1,3}\b|\d{1,3} ?%(?! (?:ci|confidence|conf|cred|limits|interval))|[★⭐✩☆]+)"
    r"|(?<![\w-])(?:evidence|relevance|impact|rating)(?: (?:score|level|strength|grade|rating))?: ?(?-i:[A-D])[+-]?(?![\w'.-])|[★⭐]{2,}[☆✩]*"
    r"|\d(?:\.\d)? ?(?:/ ?(?:5|10)|out of (?:5|10)|stars?) (?:for|in|on) (?:evidence|strength|quality|impact|relevance)",
    re.IGNORECASE,
)
IN_PEOPLE = re.compile(
    rf"(?<![\w-])(?:in|among|for) {some_words(3)}(?:patients|wom[ae]n|men|children|volunteers|subjects|people|adults|humans|newborns|infants|pregnancy|pregnancies)\b"
    r"|(?:patients|volunteers|subjects|children|participants) (?:were|had|received|showed|underwent|with \w{2,15} (?:were|had|showed))\b",
    re.IGNORECASE,
)
PAST = pattern(
    r"was|were|had|did|received|showed|underwent|increased|decreased|fell|rose|reduced|improved|appeared|compared|presented"
)
