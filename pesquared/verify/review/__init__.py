"""What a maintainer would check, too, of a change that is right and faster. No decision hangs on it."""

from pesquared.verify.review.review import REVIEWS, review, reviewed
from pesquared.verify.review.subject import Subject

__all__ = ["REVIEWS", "Subject", "review", "reviewed"]
