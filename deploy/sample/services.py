"""Made-up returns for the seven services of the collection mhlda.

One function a service gives the fields of one return, by the paths of the service's message. Every number follows from
a few rates of the site, drawn once, and from noise, so that sites differ from each other more than from themselves. The
numbers keep every rule of the schema that is an ERROR. The paths are written out here, not read from the schema; the
quickstart submits the whole sample, so a path that has drifted apart is a finding there.
"""

DISCIPLINES = ("nursing", "clinical_support", "allied_health", "medical", "psychological", "social_care",
               "administrative", "other")
CLINICAL_DISCIPLINES = DISCIPLINES[:6]
WARD_STAFF = (34, 38, 5, 8, 4, 1, 6, 4)
COMMUNITY_STAFF = (36, 14, 9, 9, 11, 7, 11, 3)
CHILDREN_STAFF = (28, 13, 6, 6, 27, 5, 12, 3)
LEARNING_DISABILITY_STAFF = (34, 14, 20, 6, 13, 3, 9, 1)
THERAPY_STAFF = (3, 2, 1, 0, 80, 0, 12, 2)

ETHNICITIES = {"white": 74, "mixed": 3, "asian": 7, "black": 5, "other": 2, "not_stated": 4, "not_known": 5}
GENDERS = {"female": 53, "male": 44, "non_binary": 0.6, "other": 0.4, "not_stated": 1, "not_known": 1}
TEAM_TYPES = {"general": 52, "school_support": 20, "eating_disorder": 5, "crisis": 9, "neurodevelopmental": 14}

# Groups of fields that some sites cannot report; each allows NA.
OFTEN_NOT_AVAILABLE = {
    "adult-inpatient": (("seclusions",), ("out_of_area_bed_days",), ("leavers_wte",)),
    "cyp-inpatient": (("seclusions",), ("out_of_area_bed_days",), ("discharges_with_paired_scores",)),
    "adult-community": (("second_appointments", "second_appointment_wait_days"), ("total_cost",),
                        ("discharges_for_paired_scores", "discharges_with_paired_scores")),
    "cyp-community": (("second_appointments", "second_appointment_wait_days"), ("total_cost",),
                      ("discharges_for_paired_scores", "discharges_with_paired_scores")),
    "ld-adult-community": (("health_action_plans",), ("total_cost",), ("discharged_caseload_days",)),
    "ld-child-community": (("education_plans",), ("total_cost",)),
    "talking-therapies": (("total_cost",), ("workforce.days_available", "workforce.days_sick")),
}


def decimal(value, places):
    """Plain digits without trailing zeros."""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share_out(total, weights):
    """Whole numbers in proportion to the weights that add up to the total: largest remainders first."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[:total - sum(parts)]:
        parts[i] += 1
    return parts


class Site:
    """One participant's part in one service: its rates, and what it carries from period to period."""

    def __init__(self, random, service, population):
        self.random = random
        self.service = service
        self.population = population
        self.rates = {}
        self.carried = {}
        choices = OFTEN_NOT_AVAILABLE[service]
        self.not_available = random.choice(choices) if random.random() < 0.08 else ()

    def rate(self, name, mean, spread=0.2):
        """The site's own value of a rate, drawn at its first use and the same from then on."""
        if name not in self.rates:
            self.rates[name] = mean * min(2.5, max(0.3, self.random.gauss(1, spread)))
        return self.rates[name]

    def level(self, name, mean, spread=0.2):
        """The rate with the noise of one period."""
        return self.rate(name, mean, spread) * self.random.uniform(0.96, 1.04)

    def part(self, whole, name, share, spread=0.2):
        """How many of the whole: never more than all of it."""
        return max(0, min(whole, round(whole * self.level(name, share, spread) + self.random.uniform(-0.4, 0.4))))

    def weights(self, name, usual, spread=0.25):
        """The site's own weights of a breakdown."""
        return [self.rate(f"{name} {i}", weight, spread) if weight else 0 for i, weight in enumerate(usual)]

    def break_down(self, fields, group, total, usual, spread=0.25):
        """Writes a group of whole numbers that add up to the total."""
        parts = share_out(total, self.weights(group, usual.values(), spread))
        fields.update({f"{group}.{name}": part for name, part in zip(usual, parts)})


def staff_by_discipline(site, fields, in_post_wte, mix):
    """Writes staff by discipline; gives their sum."""
    hundredths = share_out(round(in_post_wte * 100), site.weights("discipline", mix))
    for name, part in zip(DISCIPLINES, hundredths):
        fields[f"staff_by_discipline.{name}"] = decimal(part / 100, 2)
    return sum(hundredths) / 100


def workforce(site, fields, period, in_post_wte, mix):
    """Writes staff by discipline and the workforce group."""
    in_post = staff_by_discipline(site, fields, in_post_wte, mix)
    available = in_post * period.days * site.random.uniform(0.995, 1.005)
    fields["workforce.funded_wte"] = decimal(in_post / (1 - min(0.4, site.level("vacancy", 0.13, 0.4))), 2)
    fields["workforce.in_post_wte"] = decimal(in_post, 2)
    fields["workforce.days_available"] = decimal(available, 5)
    fields["workforce.days_sick"] = decimal(available * site.level("sickness", 0.057), 5)


def inpatient(site, period, beds_per_100000, usual_stay, incidents):
    """Beds, stays, safety, staff and pay of wards. `incidents` is the restraints per 10,000 bed days."""
    usual_beds = site.population / 100000 * site.rate("beds", beds_per_100000, 0.25)
    bed_days = round(max(4, usual_beds) * period.days * site.random.uniform(0.99, 1.01))
    beds = bed_days / period.days
    occupancy = min(0.99, site.level("occupancy", 0.9, 0.05))
    occupied = round(bed_days * occupancy)
    start = site.carried.setdefault("patients", round(beds * occupancy))
    end = round(beds * occupancy * site.random.uniform(0.97, 1.05))
    stay = site.level("stay", usual_stay)
    discharges = max(1, round(occupied / stay))
    admissions = discharges + end - start
    if admissions < 1:
        discharges += 1 - admissions
        admissions = 1
    site.carried["patients"] = end
    over_60 = site.part(discharges, "over 60", min(0.5, usual_stay / 200))
    over_90 = site.part(over_60, "over 90", 0.5)
    restraints = round(occupied * site.level("restraints", incidents, 0.4) / 10000)
    fields = {
        "available_bed_days": bed_days,
        "occupied_bed_days": occupied,
        "available_beds": decimal(beds, 2),
        "patients_at_start": start,
        "admissions": admissions,
        "detained_admissions": site.part(admissions, "detained", 0.42),
        "emergency_readmissions": min(admissions, site.part(discharges, "readmissions", 0.07, 0.3)),
        "discharges": discharges,
        "patients_at_end": end,
        "discharged_stay_days": max(round(discharges * stay), 61 * over_60 + 45 * over_90 + 5 * (discharges - over_60)),
        "discharges_over_60_days": over_60,
        "discharges_over_90_days": over_90,
        "delayed_bed_days": site.part(occupied, "delayed", 0.08, 0.4),
        "out_of_area_bed_days": round(occupied * site.level("out of area", 0.03, 0.6)),
        "restraints": restraints,
        "prone_restraints": site.part(restraints, "prone", 0.1, 0.5),
        "seclusions": round(occupied * site.level("seclusions", incidents / 4, 0.4) / 10000),
    }
    in_post = beds * site.level("staff per bed", 1.9 if usual_stay < 50 else 2.6)
    workforce(site, fields, period, in_post, WARD_STAFF)
    fields["leavers_wte"] = decimal(in_post * site.level("turnover", 0.011, 0.3) * period.months, 2)
    pay = in_post * site.level("pay", 3900, 0.05) * period.months
    fields["pay.substantive"] = decimal(pay, 2)
    fields["pay.bank"] = decimal(pay * site.level("bank", 0.22, 0.4), 2)
    fields["pay.agency"] = decimal(pay * site.level("agency", 0.07, 0.5), 2)
    return fields


def adult_inpatient(site, period):
    fields = inpatient(site, period, beds_per_100000=19, usual_stay=38, incidents=160)
    due = site.part(fields["discharges"], "follow-up due", 0.84, 0.05)
    fields["discharges_for_follow_up"] = due
    fields["followed_up_within_72_hours"] = site.part(due, "followed up", 0.79, 0.1)
    return fields


def cyp_inpatient(site, period):
    fields = inpatient(site, period, beds_per_100000=11, usual_stay=62, incidents=420)
    fields["discharges_with_paired_scores"] = site.part(fields["discharges"], "paired", 0.6)
    return fields


def community(site, period, referrals_per_100000, contacts_per_day, wait_days, caseload_days, second=True):
    """What all community services give: activity, waits and the people on the caseload. Rates are of a year."""
    year = period.days / 365
    received = round(site.population * site.level("referrals", referrals_per_100000, 0.25) / 100000 * year)
    accepted = site.part(received, "accepted", 0.76, 0.1)
    first = site.part(accepted, "first", 0.8, 0.05)
    turnover = site.rate("caseload days", caseload_days)
    start = site.carried.setdefault("caseload", round(first / period.days * turnover))
    discharges = min(start, round(start * period.days / turnover * site.random.uniform(0.95, 1.05)))
    end = start + first - discharges
    site.carried["caseload"] = end
    per_patient = site.rate("contacts per patient and year", 16)
    clinical_wte = site.rates.setdefault("clinical wte", max(2.0, start * per_patient / 250 / contacts_per_day))
    wte = clinical_wte * site.random.uniform(0.98, 1.02)
    second_count = site.part(first, "second", 0.85, 0.05) if second else 0
    contacts = max(round(wte * period.working_days * site.level("contacts per day", contacts_per_day, 0.1)),
                   first + second_count)
    wait = site.level("wait", wait_days, 0.3)
    fields = {
        "working_days": period.working_days,
        "referrals_received": received,
        "referrals_accepted": accepted,
        "caseload_at_start": start,
        "first_appointments": first,
        "caseload_discharges": discharges,
        "caseload_at_end": end,
        "contacts": contacts,
        "contacts_not_face_to_face": site.part(contacts, "not face to face", 0.33),
        "contacts_not_attended": round(contacts * site.level("not attended", 0.1)),
        "first_appointment_wait_days": round(first * wait),
        "waiting_list_at_end": round(accepted / period.days * wait * 0.9),
    }
    if second:
        fields["second_appointments"] = second_count
        fields["second_appointment_wait_days"] = round(second_count * (wait + 1 + site.level("to second", 24)))
    site.break_down(fields, "caseload_by_ethnicity", end, ETHNICITIES)
    site.break_down(fields, "caseload_by_gender", end, GENDERS, spread=0.06)
    return fields, wte


def community_with_staff(site, period, mix, **rates):
    """The same with staff by discipline and the cost."""
    fields, wte = community(site, period, **rates)
    clinical_share = sum(mix[:len(CLINICAL_DISCIPLINES)]) / sum(mix)
    workforce(site, fields, period, wte / clinical_share, mix)
    fields["total_cost"] = decimal(wte / clinical_share * site.level("cost", 5600, 0.1) * period.months, 2)
    return fields


def time_on_caseload(site, fields):
    days = site.level("days on caseload", 330)
    fields["discharged_caseload_days"] = round(fields["caseload_discharges"] * days)


def paired_scores(site, fields):
    due = site.part(fields["caseload_discharges"], "two contacts", 0.8, 0.05)
    fields["discharges_for_paired_scores"] = due
    fields["discharges_with_paired_scores"] = site.part(due, "paired", 0.38, 0.3)


def adult_community(site, period):
    fields = community_with_staff(site, period, COMMUNITY_STAFF, referrals_per_100000=3400, contacts_per_day=2.3,
                                  wait_days=38, caseload_days=280)
    time_on_caseload(site, fields)
    paired_scores(site, fields)
    return fields


def cyp_community(site, period):
    fields, wte = community(site, period, referrals_per_100000=7200, contacts_per_day=1.9, wait_days=75,
                            caseload_days=260)
    for group, whole in {"referrals": "referrals_received", "caseload": "caseload_at_end"}.items():
        site.break_down(fields, f"{group}_by_team_type", fields[whole], TEAM_TYPES)
    in_post = wte / (sum(CHILDREN_STAFF[:len(CLINICAL_DISCIPLINES)]) / sum(CHILDREN_STAFF))
    staff_by_discipline(site, fields, in_post, CHILDREN_STAFF)
    fields["total_cost"] = decimal(in_post * site.level("cost", 5600, 0.1) * period.months, 2)
    paired_scores(site, fields)
    started = round(fields["referrals_by_team_type.eating_disorder"] * 0.6)
    urgent = site.part(started, "urgent", 0.18)
    fields["eating_disorder_urgent"] = urgent
    fields["eating_disorder_urgent_within_1_week"] = site.part(urgent, "within 1 week", 0.8, 0.15)
    fields["eating_disorder_routine"] = started - urgent
    fields["eating_disorder_routine_within_4_weeks"] = site.part(started - urgent, "within 4 weeks", 0.82, 0.12)
    return fields


def ld_adult_community(site, period):
    fields = community_with_staff(site, period, LEARNING_DISABILITY_STAFF, referrals_per_100000=230,
                                  contacts_per_day=2.1, wait_days=45, caseload_days=420, second=False)
    time_on_caseload(site, fields)
    fields["intensive_support"] = "yes" if site.rate("intensive support", 1, 0.5) > 0.7 else "no"
    fields["health_action_plans"] = site.part(fields["caseload_at_end"], "health action plans", 0.7)
    return fields


def ld_child_community(site, period):
    fields = community_with_staff(site, period, LEARNING_DISABILITY_STAFF, referrals_per_100000=420,
                                  contacts_per_day=1.8, wait_days=70, caseload_days=330, second=False)
    time_on_caseload(site, fields)
    fields["education_plans"] = site.part(fields["caseload_at_end"], "education plans", 0.66)
    return fields


def talking_therapies(site, period):
    year = period.days / 365
    received = round(site.population * site.level("referrals", 3700, 0.2) / 100000 * year)
    accessing = site.part(received, "accessing", 0.68, 0.08)
    finished = site.part(accessing, "finished", 0.55, 0.1)
    within_18 = site.part(finished, "within 18", 0.98, 0.01)
    second = site.part(accessing, "second", 0.8, 0.05)
    paired = site.part(finished, "paired", 0.98, 0.01)
    not_at_caseness = site.part(finished, "not at caseness", 0.06)
    improved = site.part(paired, "improved", 0.67, 0.07)
    recovered = site.part(finished - not_at_caseness, "recovered", 0.49, 0.1)
    sessions = round(finished * site.level("sessions", 7.8, 0.1))
    contacts = round(accessing * site.level("contacts", 8.5, 0.08))
    caseload = round(accessing / period.months * site.level("months in treatment", 3.5))
    fields = {
        "referrals_received": received,
        "people_accessing": accessing,
        "courses_finished": finished,
        "treatment_sessions": max(sessions, 2 * finished),
        "contacts": contacts,
        "contacts_not_face_to_face": site.part(contacts, "not face to face", 0.62, 0.15),
        "contacts_not_attended": round(contacts * site.level("not attended", 0.11)),
        "caseload_at_end": caseload,
        "finished_within_6_weeks": site.part(within_18, "within 6", 0.87, 0.08),
        "finished_within_18_weeks": within_18,
        "second_treatments": second,
        "second_treatments_over_90_days": site.part(second, "over 90 days", 0.22, 0.4),
        "waiting_list_at_end": round(received / period.months * site.level("months waited", 1.1, 0.3)),
        "finished_not_at_caseness": not_at_caseness,
        "finished_with_paired_scores": paired,
        "recovered": recovered,
        "reliably_improved": improved,
        "reliably_recovered": min(improved, site.part(recovered, "reliable", 0.95, 0.02)),
    }
    site.break_down(fields, "caseload_by_ethnicity", caseload, ETHNICITIES)
    site.break_down(fields, "caseload_by_gender", caseload, GENDERS, spread=0.06)
    wte = site.rates.setdefault("wte", max(2.0, contacts / period.working_days / 3.6))
    in_post = wte * site.random.uniform(0.98, 1.02)
    workforce(site, fields, period, in_post, THERAPY_STAFF)
    fields["total_cost"] = decimal(in_post * site.level("cost", 5100, 0.1) * period.months, 2)
    return fields


# In the order of the collection: the function that makes a return, and the age bands of the population served.
SERVICES = {
    "adult-inpatient": (adult_inpatient, ("18-64", "65+")),
    "adult-community": (adult_community, ("18-64", "65+")),
    "cyp-inpatient": (cyp_inpatient, ("0-17",)),
    "cyp-community": (cyp_community, ("0-17",)),
    "ld-adult-community": (ld_adult_community, ("18-64", "65+")),
    "ld-child-community": (ld_child_community, ("0-17",)),
    "talking-therapies": (talking_therapies, ("18-64", "65+")),
}


def make_return(site, period):
    """One return: its fields by path, with NA for what the site cannot report."""
    fields = SERVICES[site.service][0](site, period)
    fields.update({path: "NA" for path in site.not_available})
    return fields
