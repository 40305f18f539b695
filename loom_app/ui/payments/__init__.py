"""What a client pays: cards, credit, history, papers, money back."""
