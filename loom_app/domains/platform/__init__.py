"""What staff decide for the whole platform while it runs: settings that stand in place of the
environment's, features that are on for some, the announcement, and closing for maintenance. Every
choice is a version with who, when and why, and there is a way back to each.
"""
