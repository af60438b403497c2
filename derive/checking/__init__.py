"""`check`: what somebody wrote, judged equation by equation."""
