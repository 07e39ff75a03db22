"""What we do: talk to vendors, decide, and write down what happened."""
