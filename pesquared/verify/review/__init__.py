"""What a maintainer would check, too, of a change that is right and faster. No decision hangs on it."""

from pesquared.verify.review.review import REVIEWS, review
from pesquared.verify.review.subject import Subject, subject_of

__all__ = ["REVIEWS", "Subject", "review", "subject_of"]
