"""Telling a fair caveat from a claim: what is denied, open, asked for, or somebody else's."""

from __future__ import annotations

import re

from organokine.claims.page import Sentence
from organokine.claims.words import pattern

_FALSE_NEGATIONS = re.compile(
    r"\bnot (?:only|just|merely|simply)\b|\bno (?:longer|doubt|wonder|matter|side effects?|less than|fewer than)\b|\bnothing (?:short|less)\b"
    r"|\bwithout (?:side effects?|a doubt|doubt|question)\b|\bnever (?:before|seen)\b|\bnobody will\b|\bno one will\b|\bas if nothing\b|\bif not\b",
    re.IGNORECASE,
)
"""Words that look like a denial and are none."""
_DENIES = pattern(
    r"not|\w{2,6}n['’]t|cannot|no|none|nobody|no one|never|nothing|neither|nor|without|unable|unknown|unclear|uncertain|whether|untested|unproven"
    r"|fail(?:s|ed)? to|rather than|instead of|far from|too (?:early|soon|little|few)|years away|premature|caution\w{0,5}|beware|lacks? evidence"
    r"|do(?:es)? not mean|wrong to|hardly|myth|question is|would (?:need|have) to|should be (?:tested|confirmed|repeated|studied)|must be (?:tested|shown)"
    r"|planned|plans? to|aims? to|the next step|next step|(?:further|more|future|larger|additional|other|human) (?:work|stud(?:y|ies)|research|trials?|experiments?|data)"
    r"|before (?:any|it|we|anyone|that)|ask(?:s|ed)? (?:whether|if|about)|to (?:learn|find out|see|test|know) (?:if|whether)|hypothes\w{2,5}|in theory|if"
)
_DENIED_AFTER = re.compile(
    r"\b(?:(?:is|are|was|were|has|have|remains?|had) (?:\w{1,12} ){0,2}(?:not|never|unknown|unclear|uncertain|open|untested|unproven|to be)\b"
    r"|(?:would|will) (?:first |also )?(?:need|require|have to)|(?:is|are) (?:still )?(?:needed|required|lacking|missing)"
    r"|(?<!who )(?<!that )(?<!which )(?:does|did|do) not\b|(?:isn|wasn|weren|hasn|haven|doesn|didn|don)['’]t\b|none was|a question for)",
    re.IGNORECASE,
)
HEDGE = pattern(
    r"may|might|could|can|perhaps|possibl[ey]|potential(?:ly)?|suggests?|suggested|seems?|appears?|probabl[ey]|likely|consistent with|hints?"
    r"|one day|in principle|candidate"
)
_EARLIER = pattern(
    r"(?:previous|earlier|prior|other|past|recent|existing)(?:ly)? (?:\w{1,15} )?(?:work|stud(?:y|ies)|experiments?|research|findings|reports?|evidence|trials?|reported|shown)"
    r"|(?:has|have) (?:previously |already |long )?been (?:shown|reported|found|known|linked|described)|previously|is known to|are known to|known from"
    r"|(?:studies|experiments|work|research|data|findings|evidence) (?:in|from|with|on) (?:\w{1,15} )?(?:mice|rats|rodents|animals|other species)"
    r" (?:suggest|ha[sd]|have|show|indicate|point)\w{0,4}|unlike in|unlike|in contrast (?:to|with)"
)
_HERE = pattern(
    r"here|we (?:now )?(?:report|show|found|find|studied|present)|our|in this study|the present|this (?:study|work)"
)
_LATER = pattern(
    r"next|plans?|planned|planning|would|should|will|future|to be (?:tested|studied|done|shown)|remains? to|ought|intends?|hopes? to|aims? to|needs? to"
)
_OPEN_SECTION = re.compile(
    r"\b(?:not (?:\w{1,12} )?(?:show|shown|mean|tell|say|known|tested|studied)|cannot|limit(?:s|ations?|ed)|remains? (?:open|unknown|to be)|unknown|caveats?|open questions?"
    r"|how not to|(?:do|does|did)(?:n['’]t| not)|unanswered|still (?:to|need)|next steps?|what (?:is|we) (?:do not|don['’]t)|caution)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"; |: | [—–-] |, (?:but|yet|so|and|though|although|while) | but | although |\. ")


def clause_of(text: str, at: int) -> tuple[int, int]:
    """First and last-plus-one position of the clause around a position.

    What follows a colon belongs to what stands before it where that denies something: "Not tested in people: balance, falls".
    """
    start, end = 0, len(text)
    for edge in _CLAUSE.finditer(text):
        if edge.end() <= at:
            denies_on = edge.group() == ": " and _denial(text[start : edge.start()]) is not None
            start = start if denies_on else edge.end()
        elif edge.start() >= at:
            end = edge.start()
            break
    return start, end


def is_fair(sentence: Sentence, start: int, end: int, following: Sentence | None = None) -> bool:
    """Whether words of a sentence are denied, asked, left open or taken back, so that they claim nothing.

    Parameters
    ----------
    sentence : Sentence
        The sentence.
    start, end : int
        Where the words are.
    following : Sentence or None
        The sentence after it in the same block, which may take back what a hedged one says.

    Returns
    -------
    bool
        True where the words stand in a question, in a section on what is not shown, or in a clause that denies them; or where they
        are hedged and the sentence, or the next one, says what is missing.
    """
    text = sentence.text
    if sentence.asks or (sentence.kind != "title" and _OPEN_SECTION.search(sentence.section) is not None):
        return True
    first, last = clause_of(text, start)
    denied_before = _denial(text[first:start]) is not None
    denied_within = _denial(text[start:end]) is not None
    denied_after = _DENIED_AFTER.search(text, end, max(end, last)) is not None
    if denied_before or denied_within or denied_after:
        return True
    if HEDGE.search(text) is None:
        return False
    takes_back = following is not None and following.block == sentence.block and _takes_back(following.text)
    return has_caveat(text[:first]) or has_caveat(text[last:]) or takes_back


def has_caveat(text: str) -> bool:
    """Whether some words say that something is not known, not shown or not done."""
    return _denial(text) is not None or _DENIED_AFTER.search(text) is not None


def tells_of_others(text: str) -> bool:
    """Whether a sentence tells of earlier work, or sets the study apart from it."""
    return _EARLIER.search(text) is not None and _HERE.search(text) is None


def tells_of_plans(text: str) -> bool:
    """Whether a sentence tells what will or should be done."""
    return _LATER.search(text) is not None


def opens_limits(section: str) -> bool:
    """Whether a heading leads what is not shown, not known or not meant."""
    return _OPEN_SECTION.search(section) is not None


def _takes_back(text: str) -> bool:
    return re.match(
        r"(?:but|however|yet|still|so far|this|that|it|nobody|no one|whether|none)\b", text, re.IGNORECASE
    ) is not None and has_caveat(text)


def _denial(text: str) -> re.Match[str] | None:
    if _FALSE_NEGATIONS.search(text) is not None:
        text = _FALSE_NEGATIONS.sub(" ", text)
    return _DENIES.search(text)
