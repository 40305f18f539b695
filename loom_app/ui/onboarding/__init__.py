"""The guided path of a coach: steps that lead into their editors, proofs, and where one stands."""
