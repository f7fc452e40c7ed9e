"""Days that a clinic greets on, and the months in which diseases come back."""
