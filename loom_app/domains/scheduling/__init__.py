"""Scheduling owns open hours, slots, holds, booked sessions and their seats.

It decides when a coach can be met and who holds which time; a constraint has the last word.
Money is only a payable here (`seat`); mail, chat and calendars listen to its events.
"""
