"""Stories in days for what users of dunning software ask for and complain about, each named by its number.

`wanted` are the numbered wishes that no ask covers, `defect` what was found by reading how others do it.

These asks concern no planning, and are proven where they belong:

- 25: interest over the stretches between part payments is the law's arithmetic (tests/unit/law).
- 28: a reminder is a document of its own and alters no invoice (tests/unit/channels).
- 35: who placed a hold is recorded with it (tests of the API and the store).
- 45: statements at regular dates are no step of a ladder.
- 46, 47: what a mail says and attaches (golden letters in tests/unit/channels).
- 49: mail that fails is tried again, then becomes a task (tests/unit/domain/test_delivery_stories.py).
- 51: a debtor has one address of each kind, so that no notice can go to the wrong contact.
- 55: the service stands alone by design.
- 56: roles of users.
- 57: ageing reports.
- 59: replies of debtors come in by mail, which is no part of planning.
"""
