"""Short texts by which the rules were tuned: honest ones, and inflated ones with the verdict they should get.

None of them was set aside, so that they say nothing of pages by others; they keep what was once mended.
"""

from __future__ import annotations

import pytest

from organokine.claims import check_text

HONEST = [
    """# Blood pressure drug and scarring in rat kidneys

We gave 16 rats with kidney scarring a blood pressure drug for four weeks; 16 others got water. Scarring was a third smaller in treated rats. The drug is already used to treat people with high blood pressure, but whether it slows scarring in human kidneys is not known.

Patients should not change their tablets because of this study.""",
    """Mouse study suggests a link between gut hormone and appetite

A hormone from the gut may act on appetite, according to a study in 24 mice. Mice given the hormone ate 15% less over a week. It is too early to say whether it could help people with obesity; trials in humans have not started.""",
    """# What did the trial find?

Population: 1,204 people with type 2 diabetes
Study type: randomised, double-blind, placebo-controlled trial

Semalutin lowered HbA1c by 1.1 points compared with placebo (95% CI 0.9 to 1.3) in people with type 2 diabetes. Nausea was more common with semalutin (22% against 9%). The trial lasted one year and was paid for by the maker. It does not tell whether semalutin prevents heart attacks.""",
    """<html><head><title>Exercise and brain blood flow in older adults</title></head><body><h1>Exercise and brain blood flow in older adults</h1><p><span class="badge">Human study</span> <span class="badge">Randomised trial</span></p>
<p>Eighty older adults were randomly assigned to brisk walking or stretching for six months. Walking increased blood flow to the hippocampus by 4% (95% CI 1 to 7). Memory scores did not change.</p><p>Earlier work in mice had suggested new nerve cells as the reason; this study could not look at that.</p></body></html>""",
    """Title: Annexin A2 in muscle and motor coordination of aged mice
Species: Mus musculus
Abstract. Ageing impairs motor coordination. Label-free proteomics of gastrocnemius muscle (n = 5 young, 5 aged mice) found annexin A2 higher in aged mice. AAV-mediated overexpression in muscle of young mice (n = 8) shortened latency to fall compared with AAV-GFP (n = 8). Grip strength was also reduced. Knock-down in aged mice improved latency. These data show that in mice muscle annexin A2 is sufficient to impair rotarod performance. Human relevance remains to be determined.""",
    """# Vitamin D and falls: what a review of 38 trials says

We looked at 38 randomised trials with 61,350 adults. Vitamin D did not prevent falls (relative risk 0.99, 95% CI 0.95 to 1.03). Certainty of the evidence: high (GRADE). Doctors may want to know that very high doses were linked with more falls in three trials.""",
    """# Newsletter of the ageing lab, spring

This quarter we finished the rotarod runs in 48 mice of both sexes. Old mice stayed on for 95 seconds, young ones for 160. Two manuscripts are under review. We welcome Ana, who will study muscle in rats.

We are asked a lot whether our work helps people who fall. Honestly: not yet. We study mice, and what we find there may or may not be true of people.""",
    """Q: Who was studied?
A: 22 old mice and 22 young mice.

Q: Could this be used as a blood test?
A: No. Nobody has measured it in human blood.

Q: Will it lead to a treatment?
A: We cannot say. The next step is to repeat the experiment in another laboratory.

Q: Is this a breakthrough?
A: No, it is one step. It was a small study.""",
    """Press release

Fruit flies without a clock gene sleep less

In fruit flies, removing a clock gene shortened night sleep by two hours (n = 64 flies per group), a team in Bern reports. "Flies are not people, and we would caution against reading this as advice on sleep," says Dr Lin. The gene has a relative in humans, whose function is unknown.""",
    """# Statin users and muscle pain: a cohort

In this cohort of 12,300 patients, those on statins reported muscle pain slightly more often than those without (11% against 9%). Patients chose with their doctors whether to take statins, so the groups differ in many ways, and the difference cannot be put down to the drug. Patients should talk to their doctor before they stop a medicine.""",
    """# Human liver organoids and fat

Organoids grown from liver biopsies of 8 donors took up less fat when the gene PNFL was silenced. Organoids have no blood vessels and no immune cells. Whether silencing PNFL would be safe or useful in patients is unknown; no patient has been treated.""",
    """Loss of smell after infection: what helps?

We searched for trials of smell training. Four small randomised trials with 214 people were found. Smell training probably improves smell scores a little (mean difference 2.1 points on a 16-point scale). We are uncertain about steroids, because only one trial of 40 people tested them. People with sudden loss of smell should see a doctor, since there can be other causes.""",
    """# LIPK2 needed for cold tolerance in brown fat of mice

Brown-fat-specific knock-out of Lipk2 in 11 mice made them lose body temperature at 4 degrees faster than 12 littermates. LIPK2 in brown fat is required for cold tolerance in mice. Adults have little brown fat, and we did not study any. Both sexes were used.""",
    """<html><head><title>Study summary</title></head><body><table><thead><tr><th>Population</th><th>Design</th><th>n</th></tr></thead><tbody><tr><td>Mice (C57BL/6J)</td><td>Overexpression by AAV</td><td>10 + 10</td></tr></tbody></table><h1>Muscle protein and gait in mice</h1><p>Stride length was shorter in mice that overexpressed the protein. Body weight and strength did not differ.</p><h2>Limitations</h2><ul><li>Could affect patients differently.</li><li>Treatment was not tested.</li><li>Only one dose.</li></ul></body></html>""",
    """Genetic study in UK Biobank links a kidney protein to gout

Among 312,000 participants, carriers of a rare variant in KIDP had gout more often (odds ratio 1.8, 95% CI 1.4 to 2.3). The finding is an association. It supports, but does not prove, a role of the protein. Mice without the gene had been reported to have high uric acid.""",
    """# Plain words: what the pig study means

Researchers treated 9 pigs with a heart attack with a gel. Their hearts pumped a little better after a month than those of 9 pigs without gel. Pigs' hearts are close to ours in size. That is why the step to a small safety study in people is being discussed. No one should expect a therapy soon, and many such ideas have failed.""",
    """# Effects of caffeine on reaction time

Forty students took 200 mg of caffeine or placebo in random order, on two days. Reaction time was 12 ms shorter after caffeine (95% CI 5 to 19). The students knew the taste. Effects in older adults may differ.""",
    """Correction: an earlier version of this page said that the study enrolled human participants. It did not. All 30 animals were mice. We regret the error.

In mice, raising liver FGFX lowered bone density by 7% (n = 15 per group).""",
    """# Oxytocin, stress and trust

We reviewed what is known. In rats, oxytocin calms mothers. In people, nasal oxytocin has been tested in dozens of small trials; the larger ones, with 340 people in the largest, found no effect on trust. We conclude that the claim of a trust hormone is not supported.""",
    """Serum GDF15 predicts walking speed decline? A cohort of 930 adults

Adults with higher serum GDF15 at baseline had a faster decline of walking speed over five years (-0.01 m/s per year per SD, 95% CI -0.02 to -0.004). GDF15 is a candidate prognostic biomarker; its c-statistic, 0.63 (95% CI 0.59 to 0.67), is low, and we did not validate it in another cohort. Our design cannot tell cause from consequence.""",
    """# Exercise and the ageing brain: what we know

Regular walking goes with slower memory loss in many cohorts of older people, and a few randomised trials (about 900 people in all) found small gains in memory. How exercise works on the brain is studied mostly in mice, where muscle releases proteins that may act on nerve cells. Whether these proteins matter in people is not known.""",
    """<!doctype html><html><head><title>Study card: MSTN inhibitor in mdx mice</title><meta name="description" content="A study in mice"></head><body><h1>Study card</h1><table><tr><th>Species</th><td>Mouse (mdx)</td></tr><tr><th>n</th><td>9 vs 9</td></tr><tr><th>Relevance for care</th><td>None yet</td></tr></table><h2>Summary</h2><p>Blocking myostatin raised muscle mass in mdx mice by 12%. The same approach failed to improve walking in boys with muscular dystrophy in earlier trials.</p><h2>What this does not mean</h2><p>It does not mean that the inhibitor is a treatment for muscular dystrophy.</p></body></html>""",
    """Heart failure drug slows kidney decline in a trial of 4,300 patients

Patients with kidney disease were randomly assigned to the drug or a placebo. After two years, kidney function had fallen by 2.1 units with the drug and 3.9 units without. Serious infections were as common in both groups. "The effect is modest and we need longer follow-up," said the lead investigator. People should discuss with their doctor whether the drug suits them.""",
    """Lay summary

We wanted to find out if a protein made in muscle can reach the brain. We labelled the protein and gave it to 6 rats. We found traces in the brain of 4 of them. This shows that a little of the protein can get in, in rats, at a high dose. It does not show that it does anything there.""",
    """# Editor's note: reading mouse studies

A mouse study is not a human study. When a headline says that a pill cures ageing, look for the words "in mice". Ask how many animals there were, whether both sexes were used, and whether anyone has repeated the work.""",
    """Title: Circulating GDF11 and frailty in older adults: a cross-sectional study

Methods: We measured GDF11 in plasma of 210 adults aged 70 years or older. Results: GDF11 did not differ between frail and robust adults (p = 0.6). Conclusion: Our data do not support GDF11 as a biomarker of frailty. Causality could not be assessed.""",
    """# Gene therapy for haemophilia: first results in people

Population: 15 men with severe haemophilia B
Study type: single-arm phase 1/2 clinical trial

An AAV vector carrying factor IX was given once. Bleeding fell from 11 to 1 per year in these 15 men. Liver enzymes rose in 4 men. Without a control group the size of the effect is uncertain, and long-term safety is not known.""",
    """Sleep and weight in schoolchildren

Children who slept less than eight hours weighed more, in a survey of 3,100 children in Malmo. The survey cannot tell which comes first. The researchers recommend further studies that measure sleep with a device rather than by questionnaire.""",
    """# Mouse atlas of ageing muscle

We measured 6,200 proteins in muscle of 30 mice aged 3 to 28 months. Of these, 412 changed with age. The atlas is meant for other researchers who wish to look up a protein. Data can be downloaded free of charge. A protein that changes with age need not cause ageing.""",
    """<html><body><h1>Do bees sleep?</h1><p>Yes. In the hive, honeybees rest for five to eight hours a night. Researchers in Halle watched 80 bees and found that bees that had been kept awake danced less precisely the next day.</p></body></html>""",
    """# Inhibiting ANXA2 with a plant compound in aged mice

Population: aged male C57BL/6 mice (n = 10 treated, 10 vehicle)

Aged mice that received isoliquiritigenin for eight weeks stayed on the rotarod longer (median 142 s against 98 s) and had lower muscle ANXA2. The compound has many targets, so the effect cannot be put down to ANXA2 alone. Females were not studied. Safety and benefit in people are unknown.""",
    """Research highlights

- In rats, leptin given into the brain lowered food intake by 20% (n = 12 per group).
- In a separate trial, 60 adults with obesity received leptin or placebo; weight did not differ.
- The difference between rats and people shows why animal results need testing in humans.""",
]
INFLATED = [
    (
        """<html><head><title>ANXA2 | Digest</title></head><body><h1>Muscle-derived ANXA2 impairs motor coordination via the cerebellum</h1><div class="meta"><div class="k">Population</div><div class="v">Human participants</div><div class="k">Study type</div><div class="v">Experimental</div></div><p>Proteomics of skeletal muscle from young and aged mice identified ANXA2. Overexpression impaired coordination.</p></body></html>""",
        "contradiction",
    ),
    (
        """# Ageing muscles talk to the brain

**Study population:** Adults aged 65+
**Methods:** proteomics, AAV

Old C57BL/6 mice (n = 8) had more of the protein in muscle than young ones (n = 8). Injecting AAV into muscle reproduced the deficit.""",
        "contradiction",
    ),
    (
        """Blocking one protein reverses ageing of the brain

Scientists have reversed brain ageing by blocking a single protein. The treatment made old brains young again and restored memory to youthful levels.

The discovery could lead to new therapies for millions of people with dementia. "This changes everything we know about ageing," said the study's senior author.""",
        "over-claims",
    ),
    (
        """Muscle hormone MYOK linked to memory: new biomarker for Alzheimer's?

In a study of 12 mice with a mutation for Alzheimer's disease, MYOK was lower in muscle. The researchers say that MYOK could serve as an early biomarker for Alzheimer's disease and help doctors to identify patients at risk.""",
        "over-claims",
    ),
    (
        """# Coffee protects your liver

People who drink three cups a day have a 40% lower risk of cirrhosis, a cohort of 90,000 adults shows. Coffee prevents scarring of the liver and every extra cup adds protection. Drink at least three cups daily to protect your liver.""",
        "over-claims",
    ),
    (
        """Title: Adipose ADPX is essential for cardiac function

Abstract. We show that adipose-derived ADPX is essential for cardiac function. Recombinant ADPX given to mice (n = 7) increased ejection fraction. ADPX is secreted from fat, travels to the heart and is necessary for contraction. ADPX represents a promising therapeutic target for heart failure patients.""",
        "over-claims",
    ),
    (
        """<html><head><title>FAQ</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Who was studied?","acceptedAnswer":{"@type":"Answer","text":"Human participants"}}]}</script></head><body><h1>FAQ on muscle and balance</h1><h2>What was found?</h2><p>Aged mice with more of the protein fell off the rotarod earlier (n = 9 per group).</p></body></html>""",
        "contradiction",
    ),
    (
        """# Research digest

Evidence level: 9/10. Study quality: excellent.

The supplement NMX boosted endurance by 60% and extended healthy life in the study. Anyone over 50 should consider taking NMX daily. Side effects were not seen.""",
        "over-claims",
    ),
    (
        """Case closed: sugar causes depression

A survey of 2,000 office workers has proven that sugar causes depression. Workers who ate more sweets were more often depressed. Cutting sugar will lift your mood within days.""",
        "over-claims",
    ),
    (
        """A plant compound reduces tremor in Parkinson's disease

Isorubin reduced tremor and improved movement, a new study shows. The compound acts by calming overactive nerve cells and could soon be available to patients as a tablet. The experiments were carried out in 10 rats.""",
        "over-claims",
    ),
    (
        """---
title: Bone signals and the kidney
species: Homo sapiens
design: Clinical study
---

Nephrectomised rats (n = 12) had lower sclerostin in bone than sham-operated rats (n = 12).""",
        "contradiction",
    ),
    (
        """# Exercise hormone cures fatty liver

In this landmark study, irisinol injections cured fatty liver within four weeks. Liver fat fell by 80%. Patients will no longer have to diet.

The work was done in mice fed a high-fat diet.""",
        "over-claims",
    ),
    (
        """Gut molecule found to control anxiety in humans

The gut molecule indolyl controls anxiety in humans, research reveals. Germ-free mice given indolyl (n = 10) spent more time in the open arms of a maze. Doctors could use it to treat anxiety patients without sedation.""",
        "over-claims",
    ),
    (
        """# Who benefits?

This therapy is for patients with age-related loss of coordination. It restores balance by silencing ANXA2 in muscle. Old mice treated with the therapy performed like young ones (n = 10). Trials start next year; join the waiting list.""",
        "over-claims",
    ),
    (
        """# Thyroid protein THYX and hair loss

Relevance score: ★★★★☆

THYX was raised in scalp samples of 6 patients. THYX causes hair loss, and blocking it will stop baldness.""",
        "over-claims",
    ),
    (
        """# Digest: Muscle ANXA2 and the cerebellum

Population: Human participants | Type: Observational | Evidence: Strong

**What is the connection?** ANXA2 from muscle damages the cerebellum and causes loss of coordination.

**Could it be a biomarker?** Yes, ANXA2 is a promising biomarker for fall risk.

**Could it change prevention?** Targeting ANXA2 may prevent falls in older adults.

**Methods** AAV was injected into mice; rotarod tests were performed.""",
        "contradiction",
    ),
    (
        """Muscle protein drives loss of balance in old age, study finds

Researchers have pinpointed a protein that ageing muscles send to the brain. It attacks the cells that keep us steady on our feet. A natural compound found in liquorice blocks it, raising the prospect of a pill against falls.""",
        "over-claims",
    ),
    (
        """<html><body><h1>Clinical implications of FGF21</h1><p>FGF21 reverses diabetes. In db/db mice, injections normalised glucose within days. Clinicians should consider FGF21 for patients who do not respond to metformin.</p></body></html>""",
        "over-claims",
    ),
    (
        """# Anti-ageing vaccine rejuvenates

The vaccine removes old cells and makes the body young. Mice lived 15% longer. Human trials are a formality, says the company.""",
        "over-claims",
    ),
    (
        """<html><head><script type="application/ld+json">{"@type":"MedicalObservationalStudy","name":"Irisin and bone"}</script></head><body><h1>Irisin and bone</h1><p>Irisin was injected into 8 ovariectomised rats; bone mass rose compared with 8 controls.</p></body></html>""",
        "contradiction",
    ),
    (
        """Summary for patients

Good news for people with arthritis: a gel made of sugar rebuilds cartilage. In rabbits, knees looked like new after a month. The gel will spare thousands an operation.""",
        "over-claims",
    ),
    (
        """# Gut bacteria determine mood

A new study links gut bacteria to depression. Stool of 121 volunteers was sequenced. Those with fewer Coprococcus felt worse. The missing bacteria cause depression, and replacing them lifts mood.""",
        "over-claims",
    ),
    (
        """Our finding: protein KLX is necessary for memory in humans. We showed this by giving KLX to 10 mice, which then learned faster.""",
        "over-claims",
    ),
]


@pytest.mark.parametrize("text", HONEST, ids=range(len(HONEST)))
def test_an_honest_text_is_clean(text):
    assert check_text(text, is_html=text.startswith("<")).findings == ()


@pytest.mark.parametrize(("text", "verdict"), INFLATED, ids=range(len(INFLATED)))
def test_an_inflated_text_is_found(text, verdict):
    assert check_text(text, is_html=text.startswith("<")).verdict == verdict
