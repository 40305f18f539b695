"""Who lives in the demo: twelve coaches and thirty clients, the same ones every time."""

from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize


@dataclass(frozen=True)
class Sale:
    """An offering in short: price in whole units, None falls back to the coach's."""

    name: str
    minutes: int
    price: int | None
    place: str = "video"
    words: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoCoach:
    name: str
    zone: str
    currency: str
    headline: str
    bio: str
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    certifications: tuple[str, ...]
    years: int

    hours: str  # "Mon-Fri 9-12 13-17"
    sales: tuple[Sale, ...]

    @property
    def email(self) -> str:
        # mail servers want plain letters before the @
        plain = normalize("NFKD", self.name.split()[0].lower())
        return f"{plain.encode('ascii', 'ignore').decode()}@loom.test"


INTRO = Sale(
    "Intro call",
    20,
    0,
    words="Twenty minutes to see whether we fit. You leave with one question worth keeping.",
    more={"notice_minutes": 240, "buffer_after": 10, "per_day": 3},
)
QUESTIONS = (
    {"label": "What would make this hour worth it?", "kind": "long", "required": True},
    {
        "label": "Have you worked with a coach before?",
        "kind": "choice",
        "choices": ["No, this is new", "Once or twice", "Yes, often"],
    },
)

COACHES = (
    DemoCoach(
        "Ada Lindqvist",
        "Europe/Berlin",
        "EUR",
        "Clear thinking at turning points",
        "I work with people who think for a living and have to decide: stay or go, lead or make,"
        " this city or that one. Before coaching I ran product teams for eleven years and learned"
        " how rarely a lack of information is the problem.\n\nWe begin with what you already know"
        " and have not said aloud. Most people need three to six sessions; some come back once a"
        " year, like to a dentist, only that it is pleasant.",
        ("Career change", "Decision making", "Leadership"),
        ("English", "German", "Swedish"),
        ("ICF Professional Certified Coach", "Systemic coaching, Humboldt University"),
        9,
        "Mon-Thu 9-12 13-18; Fri 9-14",
        (
            INTRO,
            Sale(
                "Clarity session",
                60,
                120,
                words="One decision, looked at from every side, until the next step is obvious.",
                more={
                    "buffer_after": 15,
                    "notice_minutes": 720,
                    "slot_interval": 30,
                    "questions": QUESTIONS,
                },
            ),
            Sale(
                "Walk and talk",
                90,
                160,
                "in_person",
                "We walk along the canal. Rain is fine, silence too.",
                {"address": "Paul-Lincke-Ufer 7, Berlin", "buffer_before": 30, "buffer_after": 30,
                 "per_day": 2, "notice_minutes": 1440},
            ),
            Sale(
                "At the studio",
                75,
                150,
                "in_person",
                "A quiet room, a wall to write on, and tea.",
                {"buffer_after": 15, "notice_minutes": 1440},
            ),
        ),
    ),
    DemoCoach(
        "Mateo Vargas",
        "America/New_York",
        "USD",
        "For founders who are tired of being the bottleneck",
        "Three companies, two exits, one burnout. I help founders hand over what they should have"
        " handed over a year ago, and keep what only they can do.\n\nExpect homework, short"
        " messages between sessions and the occasional uncomfortable silence.",
        ("Founders", "Leadership", "Delegation"),
        ("English", "Spanish"),
        ("EMCC Senior Practitioner",),
        12,
        "Mon-Fri 8-12; Tue-Thu 14-18",
        (
            INTRO,
            Sale("Founder hour", 60, 240, words="Bring the thing you keep postponing.",
                 more={"buffer_after": 15, "notice_minutes": 1440}),
            Sale("Deep dive", 120, 420, words="Two hours on one problem, with a written summary.",
                 more={"buffer_before": 15, "buffer_after": 30, "per_week": 4}),
        ),
    ),
    DemoCoach(
        "Priya Raman",
        "Asia/Kolkata",
        "INR",
        "Speak up, be heard, stay yourself",
        "I coach women in engineering who are the only one in the room. We practise the sentences"
        " you will need on Monday, and the calm to say them.",
        ("Communication", "Women in tech", "Confidence"),
        ("English", "Hindi", "Tamil"),
        ("ICF Associate Certified Coach",),
        6,
        "Mon-Sat 10-13; Mon-Fri 17-21",
        (
            INTRO,
            Sale("Practice session", 45, 3500, words="We rehearse one real conversation.",
                 more={"slot_interval": 30, "buffer_after": 15}),
        ),
    ),
    DemoCoach(
        "Tom Whitaker",
        "Europe/London",
        "GBP",
        "Career change after forty, without starting over",
        "You have more to carry over than you think. I was a barrister until 45 and have since"
        " helped some two hundred people make the second half of their working life their own.",
        ("Career change", "Midlife", "Job search"),
        ("English",),
        ("Association for Coaching, accredited",),
        14,
        "Mon-Wed 10-16; Thu 12-20",
        (
            INTRO,
            Sale("Working session", 50, 95, words="Fifty minutes, one topic, a page of notes.",
                 more={"buffer_after": 10}),
            Sale("By telephone", 30, 55, "phone", "For when a screen is too much."),
        ),
    ),
    DemoCoach(
        "Sofia Conti",
        "Europe/Rome",
        "EUR",
        "Rest is a skill. I teach it.",
        "I was an emergency doctor and know what running on empty looks like from inside. We look"
        " at your week as it is, and change one hour at a time.",
        ("Burnout", "Stress", "Health"),
        ("Italian", "English", "French"),
        ("Mindfulness-based stress reduction teacher",),
        8,
        "Mon-Fri 14-19; Sat 9-12",
        (
            INTRO,
            Sale("Recovery session", 60, 90, words="Gentle, practical, never in a hurry.",
                 more={"buffer_after": 15, "per_day": 4}),
        ),
    ),
    DemoCoach(
        "Kenji Mori",
        "Asia/Tokyo",
        "JPY",
        "Working well across cultures",
        "Meetings in Tokyo, decisions in Munich, deadlines in Austin: I help people who stand in"
        " between to stop apologising to all three.",
        ("Intercultural", "Leadership", "Communication"),
        ("Japanese", "English", "German"),
        ("Intercultural trainer, IFIM",),
        16,
        "Mon-Fri 7-9 18-22",
        (
            INTRO,
            Sale("Bridge session", 60, 14000, words="One conversation across a border, prepared.",
                 more={"buffer_after": 15}),
        ),
    ),
    DemoCoach(
        "Hannah Okoye",
        "Africa/Lagos",
        "USD",
        "From expert to leader in your first hundred days",
        "New role, new title, same inbox. We find out what you are paid for now, whom you must"
        " meet, and what you stop doing this week.",
        ("Leadership", "New managers", "Delegation"),
        ("English", "Igbo"),
        ("ICF Professional Certified Coach",),
        10,
        "Mon-Fri 9-13 15-18",
        (
            INTRO,
            Sale("First hundred days", 60, 110, words="A plan that survives the second week.",
                 more={"questions": QUESTIONS, "buffer_after": 15}),
        ),
    ),
    DemoCoach(
        "Lukas Brandt",
        "Europe/Zurich",
        "CHF",
        "Good habits for people who hate routines",
        "I studied behaviour for ten years so that you do not have to read the books. Small"
        " changes, measured honestly, celebrated properly.",
        ("Habits", "Productivity", "Focus"),
        ("German", "English", "French"),
        ("MSc Psychology, University of Zurich",),
        5,
        "Tue-Sat 8-12; Wed-Fri 13-17",
        (INTRO, Sale("Habit lab", 45, 130, words="Build it, test it, keep it or drop it.")),
    ),
    DemoCoach(
        "Chloé Martin",
        "Europe/Paris",
        "EUR",
        "Writing, painting, shipping: coaching for makers",
        "Finished is a decision. I work with artists, writers and researchers on the distance"
        " between the idea and the thing.",
        ("Creativity", "Focus", "Confidence"),
        ("French", "English"),
        ("Gestalt coaching, Paris",),
        7,
        "Mon-Thu 10-13 14-17",
        (
            INTRO,
            Sale("Studio hour", 60, 85, words="We look at the work, not at the excuses."),
            Sale("In the studio", 90, 140, "in_person", "Tea, a big table, your drafts.",
                 {"address": "12 rue Oberkampf, Paris", "buffer_before": 15, "buffer_after": 15}),
        ),
    ),
    DemoCoach(
        "Dev Thapa",
        "Asia/Kathmandu",
        "USD",
        "Calm under pressure, on mountains and in meetings",
        "I guided on 8,000-metre peaks for fifteen years. Pressure is information. I teach people"
        " to read it.",
        ("Stress", "Resilience", "Focus"),
        ("English", "Nepali", "Hindi"),
        ("Wilderness medicine", "ICF Associate Certified Coach"),
        11,
        "Mon-Fri 6-10 16-20",
        (INTRO, Sale("Base camp", 60, 70, words="Where are you, what is the weather, what next.")),
    ),
    DemoCoach(
        "Grace Sullivan",
        "Australia/Sydney",
        "AUD",
        "Couples who run a business together",
        "Who decides, who does the books, and when does the working day end? I have sat at this"
        " table myself for twenty years.",
        ("Relationships", "Founders", "Communication"),
        ("English",),
        ("Family business adviser",),
        18,
        "Mon-Wed 9-15; Thu 16-21",
        (INTRO, Sale("Table talk", 75, 220, words="Both of you, one agenda.",
                     more={"slot_interval": 30, "buffer_after": 15})),
    ),
    DemoCoach(
        "Noor Haddad",
        "America/Los_Angeles",
        "USD",
        "Job search with a plan and without despair",
        "I hired for nine years at companies you know. We write the letter, prepare the interview"
        " and, above all, keep your week from falling apart while you wait.",
        ("Job search", "Interviews", "Confidence"),
        ("English", "Arabic", "French"),
        ("Certified Career Coach",),
        9,
        "Mon-Fri 9-12 13-16",
        (
            INTRO,
            Sale("Interview rehearsal", 60, 125, words="Three real questions, honest feedback.",
                 more={"notice_minutes": 360}),
            Sale("Letter clinic", 30, 65, words="Bring a draft, leave with a better one."),
        ),
    ),
)  # fmt: skip

CLIENTS = (
    ("Ben Okafor", "Europe/London"),
    ("Cleo Marchetti", "Europe/Rome"),
    ("Jonas Weber", "Europe/Berlin"),
    ("Amelia Stone", "America/New_York"),
    ("Yuki Tanaka", "Asia/Tokyo"),
    ("Omar Farouk", "Africa/Cairo"),
    ("Lena Fischer", "Europe/Vienna"),
    ("Rohan Mehta", "Asia/Kolkata"),
    ("Isabel Cruz", "America/Mexico_City"),
    ("Henrik Dahl", "Europe/Oslo"),
    ("Maya Cohen", "Asia/Jerusalem"),
    ("Paul Nguyen", "America/Los_Angeles"),
    ("Zoe Papadaki", "Europe/Athens"),
    ("Samir Khan", "Asia/Karachi"),
    ("Elena Petrova", "Europe/Sofia"),
    ("David Mensah", "Africa/Accra"),
    ("Nina Novak", "Europe/Ljubljana"),
    ("Carlos Silva", "America/Sao_Paulo"),
    ("Freya Jensen", "Europe/Copenhagen"),
    ("Leo Rossi", "Europe/Rome"),
    ("Anika Sharma", "Asia/Kolkata"),
    ("Max Hofmann", "Europe/Zurich"),
    ("Ruth Adeyemi", "Africa/Lagos"),
    ("Ethan Park", "America/Chicago"),
    ("Clara Dubois", "Europe/Paris"),
    ("Oskar Nowak", "Europe/Warsaw"),
    ("Tara Byrne", "Europe/Dublin"),
    ("Viktor Horvath", "Europe/Budapest"),
    ("Mia Clarke", "Australia/Sydney"),
    ("Luca Meyer", "Europe/Brussels"),
)
