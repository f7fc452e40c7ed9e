"""What every question has: its ways out, its patience, and one line for an answer it cannot take.

The router takes MENU and PERSON in any state.
"""

from datetime import timedelta

from flows.effects import Choice, Say
from flows.engine import BACK

MENU = "menu"  # leave what is going on, for the list of things the bot can do
PERSON = "person"  # talk to the clinic's staff

back = Choice(BACK, "nav.back", role="navigation")
menu = Choice(MENU, "nav.menu", role="navigation")
person = Choice(PERSON, "nav.person", role="navigation")
WAYS_OUT = (back, menu)

hint = Say("nav.choose")
PATIENCE = timedelta(minutes=30)  # for an answer

TAKE_BACK = "take_back"  # out of the staff's queue, back to the bot
# Choices that begin like these are the router's as well; the name of a flow follows.
START = "start:"  # open it
RESUME = "resume:"  # go on with it where it was left
RESTART = "restart:"  # begin it anew
DROP = "drop:"  # leave it unfinished
MEANT = "meant:"  # an intent follows: what the patient did mean
tell_me = Choice(START + "waitlist", "waitlist.tell_me")  # if an earlier time comes free
