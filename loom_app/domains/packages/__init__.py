"""Several sessions bought at once: offered by a coach, paid for, booked against, given back."""
