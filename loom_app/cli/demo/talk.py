"""What coaches and clients write to each other. `c` is the coach, `k` the client."""

Line = tuple[str, str]

# Ada and Ben, whom everybody meets first
ADA_AND_BEN: tuple[Line, ...] = (
    ("k", "Hi Ada, thank you for the call yesterday. I slept badly, but for good reasons."),
    ("c", "Good morning Ben. That is often how a decision announces itself. What kept you awake?"),
    ("k", "The number. If I take the job in Leeds I earn less for the first time in ten years."),
    ("c", "And what do you get for it?"),
    ("k", "Fridays. And nobody reporting to me.\nI wrote both down, as you said."),
    ("c", "Send me the list if you like. I will not comment, I will only ask one question."),
    ("k", "**Stay**: salary, the team, being known.\n**Go**: Fridays, making things again, Mum."),
    ("c", "Here is the question: which of these would you miss *first*, and on which weekday?"),
    ("k", "Ha. Mum, on a Tuesday. I did not expect that."),
    ("c", "Keep that. We will look at it on Thursday, it deserves a whole hour."),
    ("k", "I booked the 60 minutes. Should I prepare anything?"),
    ("c", "Only this: talk to one person who did what you want to do. Ten minutes are enough."),
    ("k", "I know exactly whom to call."),
    ("k", "Called her. She said the first three months were awful and then she stopped counting."),
    ("c", "That is a sentence worth a notebook. See you soon, Ben."),
)

TALKS: tuple[tuple[Line, ...], ...] = (
    (
        ("k", "Hello, I found you in the directory. Do you also work with people outside tech?"),
        ("c", "Yes, about half of my clients. What do you do?"),
        ("k", "I run a small bakery. Twelve people, and I am the only one who can close the till."),
        ("c", "Then we have a first topic. Book the intro call, it costs nothing."),
        ("k", "Done. Looking forward to it!"),
    ),
    (
        ("c", "How did the conversation with your manager go?"),
        ("k", "Better than in my head. I said the sentence we practised, and she said: finally."),
        ("c", "Finally! That is a wonderful answer."),
        ("k", "I am still shaking a bit. In a good way."),
        ("c", "Write down what you did before you walked in. We will want to do it again."),
    ),
    (
        ("k", "Could we move our session by half an hour? The school called."),
        ("c", "Of course. Cancel it and take the later slot, you get everything back."),
        ("k", "Thank you, that was painless."),
    ),
    (
        ("k", "Week one: four days out of seven. I forgot Wednesday and Sunday."),
        ("c", "Four is four more than last week. What was different on the days that worked?"),
        ("k", "My shoes were by the door."),
        ("c", "There is your method. No app needed."),
        ("k", "Week two: six!"),
        ("c", "I am reading this with a big smile. See you on Monday."),
        ("k", "See you then. I will bring the chart."),
    ),
    (
        ("c", "Three questions from today:\n1. What is yours to decide?\n2. Whom do you protect?"),
        ("k", "Number two hit hard."),
        ("c", "I noticed. We can leave it alone for a week."),
        ("k", "No, let us stay with it. I will write something down before Thursday."),
    ),
    (
        ("k", "I got the offer!"),
        ("c", "Congratulations! Before you answer: what did we say about the first 24 hours?"),
        ("k", "Say thank you, say nothing else, sleep."),
        ("c", "Exactly. Sleep well."),
        ("k", "Update: I asked for two more weeks of holiday, and they said yes without blinking."),
    ),
    (
        ("k", "Is it normal to feel worse after a session?"),
        ("c", "For a day, yes: we moved furniture. If it lasts until the weekend, write to me."),
        ("k", "Much better today. I even cleaned the actual furniture."),
    ),
    (
        ("c", "A short reminder that the rehearsal is recorded only in our heads."),
        ("k", "Relieved to hear it. Can we do the salary question twice?"),
        ("c", "Three times. It gets boring, and boring is what we want."),
    ),
)  # fmt: skip

FEEDBACK = (
    "Left with one clear next step, as hoped.",
    "Listens more than talks, and asks the one question that matters.",
    "Good hour. I would have liked a little more structure.",
    "",
    "Warm, honest and to the point.",
)
AGENDAS = (
    "Leeds or not: I want to leave with a date",
    "The conversation with my co-founder",
    "Six weeks of habits: what worked, what did not",
    "Preparing for Thursday's interview",
    "How to say no to the third project",
    "My first month as a manager",
    "",
    "Finding words for what I want",
)
