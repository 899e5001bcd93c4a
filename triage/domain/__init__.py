"""What the service talks about: pure values and pure rules, standard library only."""
