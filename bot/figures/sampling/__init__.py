"""The weekly blind sample of answers: draws it, keeps verdicts, estimates the mistakes, proposes more caution."""
