"""Twenty residents that never lived: months of age, and facts in short notation.

Days without a date count back from the as-of day: the same lives can be scored under tables of different years.
"""

YEAR = 12

RESIDENTS: dict[str, tuple[int, tuple[str, ...]]] = {
    "r01": (30 * YEAR, ("education-awarded/bachelor", "insurance-month-paid*24", "residence-registered*24mo")),
    "r02": (
        45 * YEAR,
        (
            "education-awarded/college",
            "skill-awarded/l3",
            "insurance-month-paid*61",
            "housing-started/rent*36mo",
            "residence-registered*36mo",
            "blood-donated=400",
        ),
    ),
    "r03": (
        58 * YEAR,
        (
            "education-awarded/high_school",
            "employment-started*13mo",
            "residence-registered*120mo",
            "volunteer-hours-served=6000",
            "restricted-fact/offence/detention",
        ),
    ),
    "r04": (
        41 * YEAR,
        (
            "honour-received/district",
            "attested/donation=4500",
            "attested/party_member",
            "attested/spring_stay",
            "attested/training=6",
            "attested/patrol*12",
        ),
    ),
    "r05": (
        50 * YEAR + 6,
        (
            "housing-started/own*30mo",
            "employment-started*40mo",
            "attested/bravery/city",
            "attested/military",
            "attested/spring_stay*3",
            "attested/special_post",
            "attested/training=18",
            "attested/patrol*3",
        ),
    ),
    "r06": (17 * YEAR + 11, ("residence-registered*200mo",)),
    "r07": (
        18 * YEAR,
        ("permit-issued*5mo", "attested/children_registered", "insurance-month-paid/housing-fund*30"),
    ),
    "r08": (40 * YEAR + 1, ("permit-issued*10mo", "skill-awarded/title_senior", "attested/full_senior_title")),
    "r09": (60 * YEAR + 11, ("permit-issued*13mo", "insurance-month-paid*300", "housing-started/own*120mo")),
    "r10": (61 * YEAR, ("permit-issued*11mo", "residence-registered*11mo", "insurance-month-paid*11")),
    "r11": (
        28 * YEAR,
        ("education-awarded/doctor", "skill-awarded/l1", "patent-granted/invention=3", "patent-granted/utility=2"),
    ),
    "r12": (
        35 * YEAR,
        (
            "tax-paid/business=95000000",
            "tax-paid/income=1234500",
            "donation-made/money=399900",
            "donation-made/marrow",
        ),
    ),
    "r13": (
        55 * YEAR,
        (
            "post-held/sanitation*60mo",
            "post-held/public_welfare*37mo",
            "attested/hard_job",
            "attested/scarce_or_hard",
        ),
    ),
    "r14": (
        33 * YEAR,
        ("education-awarded/master", "insurance-month-paid*100", "restricted-fact/offence/illegal_business*2"),
    ),
    "r15": (
        38 * YEAR,
        ("insurance-month-paid*120", "residence-registered*120mo", "restricted-fact/offence/serious_crime"),
    ),
    "r16": (
        44 * YEAR,
        ("insurance-month-paid*80", "restricted-fact/credit/listed", "restricted-fact/offence/crime*2"),
    ),
    "r17": (
        26 * YEAR,
        ("attested/bachelor_degree", "attested/post_title/mid", "attested/base_class/x1", "attested/new_graduate"),
    ),
    "r18": (
        47 * YEAR,
        (
            "honour-received/national",
            "honour-received/city",
            "volunteer-hours-served=1199*6",
            "blood-donated=199*3",
            "attested/rescue*4",
        ),
    ),
    "r19": (
        52 * YEAR,
        (
            "insurance-month-paid*7",
            "insurance-month-paid/medical*12",
            "insurance-month-paid/injury*13",
            "employment-started*12mo",
        ),
    ),
    "r20": (
        23 * YEAR,
        (
            "permit-issued*9mo",
            "education-awarded/college",
            "skill-awarded/l4",
            "housing-started/dormitory*25mo",
            "attested/talent_card",
            "attested/taxed_rental",
            "attested/scarce_post",
        ),
    ),
}
