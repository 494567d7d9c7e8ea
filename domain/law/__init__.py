"""What the law of a country lets a creditor claim, and when. Sources and open questions: docs/law.md."""
