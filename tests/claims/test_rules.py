"""Every rule finds what it is for, and lets a near miss pass."""

from __future__ import annotations

import pytest

from organokine.claims import RULES, check_text
from organokine.claims.card_facts import card_facts
from organokine.claims.check import check
from organokine.claims.reading import page_of
from organokine.claims.rules.card import card_rules

MOUSE = "# Protein ABC1 and strength in mice\n\nWe gave 12 mice of both sexes more ABC1, and 12 mice an empty virus. "
COHORT = "# ABC1 and strength\n\nWe followed 400 adults and measured ABC1 in plasma, a cohort study. "

FOUND = {
    "R03": "Population: human participants\n\nAged mice (n = 8) were compared with young mice (n = 8).",
    "R03m": "Population: human participants\n\nWe studied 40 women. In mice, the gene was deleted (n = 8).",
    "R04": "Study design: randomised controlled trial\n\nRats (n = 8) were injected with the drug, 8 rats with saline.",
    "R05": f"{COHORT}ABC1 causes weakness.",
    "R06": f"{MOUSE}ABC1 is essential for strength.",
    "R07": f"{MOUSE}ABC1 will help patients with weak muscles.",
    "R07t": f"{COHORT}More ABC1 will restore strength in patients.",
    "R08": f"{MOUSE}ABC1 is a promising biomarker of weakness.",
    "R11": "# ABC1 and motor coordination in mice\n\nThe 12 mice with ABC1 fell off the rotarod earlier than 12 controls.",
    "R13": "# ABC1 in mice\n\nTwelve male mice were given ABC1 and did better than twelve without.",
    "R17": f"{MOUSE}ABC1 is released by muscle and travels to the brain.",
    "R19": "# ABC1 weakens muscle\n\nABC1 has been much discussed.\n\nTwelve mice with more ABC1 were weaker than twelve without.",
    "R20": f"{MOUSE}\n\nEvidence: 4.5/5",
    "R20q": f'{MOUSE}"This is a game changer," says the lead author.',
    "P1": "# New hormone found\n\nResearchers found a hormone. Removing its gene raised blood pressure by a third.",
    "P2": "# ABC1 in mice\n\nABC1 was two times higher in old mice than in young mice.",
    "P3": f"{MOUSE}It is a breakthrough.",
    "P4": f"{MOUSE}The study has proven that ABC1 weakens mice.",
    "P5": f"{MOUSE}Order your sample now.",
    "P6": f"{MOUSE}You should take 500 mg of it twice a day.",
}
NEAR_MISSES = {
    "R03": [
        "Population: mice\n\nAged mice (n = 8) were compared with young mice (n = 8).",
        "Population: human participants\n\nWe studied 40 women. Earlier work in mice had suggested the idea.",
        "Population: 40 adults\n\nWe studied 40 adults. Whether the same is seen in mice was not tested.",
        "Population: human participants\n\nSerum of 40 patients was stained with a mouse monoclonal antibody.",
        "Population: mice; no human participants\n\nAged mice (n = 8) were compared with young mice (n = 8).",
    ],
    "R03m": ["Population: mice and 40 women\n\nWe studied 40 women. In mice, the gene was deleted (n = 8)."],
    "R04": [
        "Study design: randomised controlled trial\n\nWe drew 80 adults by lot to the drug or to placebo.",
        "Population: dogs\nStudy design: randomised controlled trial\n\nDogs (n = 20) were given the drug, 20 dogs placebo.",
        f"{MOUSE}A clinical trial would be the next step.",
    ],
    "R05": [
        f"{COHORT}ABC1 was associated with weakness.",
        f"{COHORT}We cannot say whether ABC1 causes weakness.",
        f"{COHORT}ABC1 may cause weakness, or weakness may raise ABC1.",
        f"{MOUSE}In mice, ABC1 causes weakness.",
        "# ABC1 trial\n\nWe drew 80 adults by lot to ABC1 or placebo. ABC1 prevents weakness.",
    ],
    "R06": [
        f"{MOUSE}In 10 mice without the gene, strength was lost: ABC1 is essential for strength in mice.",
        f"{MOUSE}It was not shown that ABC1 is necessary for strength.",
        f"{MOUSE}Further work is needed for certainty about ABC1.",
    ],
    "R07": [
        f"{MOUSE}Whether ABC1 will help patients with weak muscles is unknown.",
        f"{MOUSE}ABC1 was not tested in people.",
        f"{MOUSE}Further studies in humans are needed before ABC1 could help patients.",
        f"{MOUSE}ABC1 might help patients one day, but this has not been tested.",
        f"{MOUSE}Earlier trials showed that walking helps patients with weak muscles.",
        f"{MOUSE}\n\n## Does it help patients?\n\nNo. Nobody was treated.",
        f"{MOUSE}\n\n## What is not shown\n\n- ABC1 helps patients.\n- That a new treatment follows.",
        "# Walking trial\n\nWe drew 80 adults by lot to walking or rest. Walking helps patients with weak muscles.",
    ],
    "R07t": [
        f"{COHORT}Whether more ABC1 will restore strength in patients is open.",
        "# Trial\n\nWe drew 80 patients by lot. It will help patients.",
    ],
    "R08": [
        f"{MOUSE}ABC1 is not a biomarker in any category.",
        f"{MOUSE}Is ABC1 a biomarker? No.",
        "# ABC1\n\nPlasma ABC1 of 200 patients told them apart (AUC 0.72, 95% CI 0.65 to 0.79). It is a diagnostic biomarker candidate.",
    ],
    "R11": [
        "# ABC1 and motor coordination in mice\n\nThe 12 mice with ABC1 fell off the rotarod earlier than 12 controls; strength did not differ."
    ],
    "R13": ["# ABC1 in mice\n\nTwelve male and twelve female mice were given ABC1."],
    "R17": [
        f"{MOUSE}ABC1 is released by muscle and travels to the brain; plasma ABC1 rose too.",
        f"{MOUSE}Whether ABC1 is released by muscle and travels to the brain was not tested.",
    ],
    "R19": [
        "# ABC1 weakens muscle of mice\n\nTwelve mice with more ABC1 were weaker than twelve without.",
        "# ABC1 weakens muscle\n\nTwelve mice with more ABC1 were weaker than twelve without.",
        "# ABC1 weakens muscle\n\nSpecies: mouse\n\nIt has been discussed.\n\nTwelve mice with more ABC1 were weaker.",
    ],
    "R20": [
        f"{MOUSE}\n\nEvidence: low certainty, one laboratory",
        f"{MOUSE}Three of 5 mice had 4/5 toes, and a 5/6 nephrectomy was done in 9/10.",
        f"{MOUSE}The difference was 3 s (95% confidence interval 1 to 5 s).",
        f"{MOUSE}Evidence: 2/4 on the GRADE scale, rated by two of us",
    ],
    "R20q": [
        f'{MOUSE}"We do not yet know whether it works in people," says the lead author.',
        f"{MOUSE}The mice of the “best” group were weighed.",
    ],
    "P1": [
        "# New hormone\n\nResearchers found a hormone. Removing its gene raised blood pressure of 12 rats by a third.",
        "# New hormone\n\nResearchers predicted a hormone. It raises blood pressure in a computer model.",
        "# Trial\n\nThe study had 80 patients. The drug lowered blood pressure.",
    ],
    "P2": ["# ABC1 in mice\n\nABC1 was two times higher in 8 old mice than in 8 young mice."],
    "P3": [f"{MOUSE}This is not a breakthrough.", f"{MOUSE}Breakthrough pain was not recorded."],
    "P4": [f"{MOUSE}Nothing has been proven by this.", f"{MOUSE}The antibody proved to be stable."],
    "P5": [
        f"{MOUSE}Please talk to your doctor about your own care.",
        f"{MOUSE}In order to test this, we weighed the mice.",
        f"{MOUSE}Ask your doctor if you have fallen.",
        f"{MOUSE}\n\nSign up for our newsletter.",
    ],
    "P6": [
        f"{MOUSE}This does not mean that you should take or avoid anything.",
        f"{MOUSE}Mice received 5 mg twice a day.",
        f"{MOUSE}Taken together, the mice did well.",
    ],
}
CARD = card_facts(
    {
        "gene": "Anxa2",
        "species": "mouse",
        "stage": {"code": "T2"},
        "proposition": {"change_in_source": "increased"},
        "hasEvidenceLines": [{"id": "L1", "state": "supported"}, {"id": "L3", "state": "not_tested"}],
        "tests": [{"name": "necessity", "state": "not_tested"}, {"name": "sufficiency", "state": "supported"}],
        "facts": {"a": {"n": {"by_group": {"old": 8, "young": 7}}}},
    }
)
CARD_FOUND = {
    "C1": "In rats, ANXA2 was raised (n = 8).",
    "C2": "ANXA2 was lower in muscle of old mice.",
    "C3": "ANXA2 was raised in old mice (n = 80).",
    "C4": "ANXA2 is required for balance of mice.",
    "C5": "In mice, MSTN was raised (n = 8).",
}
CARD_NEAR_MISSES = {
    "C1": [
        "In mice, ANXA2 was raised (n = 8).",
        "Earlier work in rats had looked at ANXA2. It was not tested in people.",
    ],
    "C2": [
        "ANXA2 was raised in muscle of old mice.",
        "ANXA2 was lower after knock-down in mice.",
        "ANXA2 was not lower in old mice.",
    ],
    "C3": ["ANXA2 was raised in old mice (n = 8).", "A study of 80 mice with ANXA2 is planned."],
    "C4": ["ANXA2 is enough to weaken mice.", "Whether ANXA2 is required for balance was not tested."],
    "C5": ["In mice, anxa2 was raised (n = 8)."],
}


def broken(text: str, rules=RULES) -> set[str]:
    checked = check(page_of(text), rules)
    return {finding.rule.id for finding in (*checked.findings, *checked.notes)}


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_rule_finds_what_it_is_for(rule):
    assert rule in broken(FOUND[rule])


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in NEAR_MISSES.items() for text in texts])
def test_a_rule_lets_a_near_miss_pass(rule, text):
    assert rule not in broken(text)


def test_every_rule_has_near_misses_and_a_full_card():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(FOUND) == set(NEAR_MISSES)
    for rule in RULES:
        assert rule.question.endswith("?")
        assert min(map(len, (rule.name, rule.why, rule.source))) > 5


@pytest.mark.parametrize("rule", CARD_FOUND)
def test_a_text_is_held_against_a_card(rule):
    assert rule in broken(CARD_FOUND[rule], card_rules(CARD))
    for text in CARD_NEAR_MISSES[rule]:
        assert rule not in broken(text, card_rules(CARD))


def test_a_human_header_contradicts_a_card_of_animals():
    text = "Population: human participants\n\nANXA2 was raised with age."
    assert "C1" in broken(text, card_rules(CARD))


CAVEATS = [
    "This was found in mice, and has not been tested in people.",
    "Further studies in humans are needed.",
    "It is too early to say whether this could help patients.",
    "We do not know whether it prevents falls in older adults.",
    "Nobody should take anything because of this study.",
    "It is not a biomarker, and no treatment follows from it.",
    "Whether lowering it would benefit patients remains unknown.",
    "The findings may not hold in humans.",
    "More research is required before a treatment for patients could be considered.",
    "No human participants took part.",
    "It cannot be concluded that it causes disease in people.",
    "A trial in patients would first need studies of safety.",
    "This does not prove that the protein is necessary for balance.",
    "One should be cautious in applying results from mice to patients.",
    "If confirmed in humans, this might one day inform treatment, but that is far away.",
    "The effect on patients is not known.",
    "Mouse models do not capture all of human ageing.",
    "Mice are not people.",
]


@pytest.mark.parametrize("caveat", CAVEATS)
def test_fair_caveats_are_left_alone(caveat):
    checked = check_text(f"{MOUSE}Mice with more ABC1 were weaker (12 per group). {caveat}")
    assert checked.findings == ()
    if "found in mice" not in caveat:
        human = check_text(f"Population: 400 adults\n\n{COHORT}Adults with more ABC1 were weaker. {caveat}")
        assert human.findings == ()


def test_what_a_caveat_does_not_cover_is_still_found():
    text = f"{MOUSE}It was not tested in people, but ABC1 will cure patients with weak muscles."
    assert "R07" in broken(text)
    assert "R07" in broken(f"{MOUSE}ABC1 not only weakens mice, it will help patients.")
    assert "R08" in broken(f"{MOUSE}Is ABC1 a biomarker? Yes.")


def test_findings_name_sentence_words_and_a_fairer_wording():
    finding = next(each for each in check_text(FOUND["R05"]).findings if each.rule.id == "R05")
    assert finding.text == "ABC1 causes weakness."
    assert finding.words == ("causes",)
    assert finding.text[slice(*finding.spans[0])] == "causes"
    assert finding.fairer == "ABC1 goes with weakness."
    assert finding.sentence == 3


def test_a_fairer_wording_leaves_no_cause_standing():
    page = "In a survey of 500 adults, walkers slept longer. Walking prevents falls, and it lowers your risk of stroke."
    found = [each for each in check_text(page).findings if each.rule.id == "R05"]
    assert [each.words for each in found] == [("prevents", "lowers your risk")]
    assert "lowers" not in found[0].fairer
