"""What `tlkit auto` and `tlkit probe` try, and how it is judged: on examples of train and val that it did not see."""
