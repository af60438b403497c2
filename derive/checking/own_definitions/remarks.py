"""Why a model that a text defines itself leaves an equation of it open."""

from __future__ import annotations

NO_PATH = "nothing in the text says how {} depends on {}"
OPEN_FUNCTION = "nothing in the text says which function {} is, and it does not hold for every one"
UNEXPLAINED = "nothing in the text says what {} is"
ANOTHER = "{} was defined by another formula before; this is wrong, or begins another model"
PERHAPS_ANOTHER = "this may be about another model, which begins in {}"
OTHER_READING = "whether it holds depends on which names are numbers and which are vectors"
UNIT_OR_NAME = "a number behind a name may count a unit, or be a part of the name"
ON_MISREAD = "this rests on {}, whose definition was not understood"
SYMMETRIC = "that {} is symmetric is given, and follows from nothing here"
ELSEWHERE = "it does not hold with what another section says of its names, which may be others"
AT_VALUES = "a value at numbers that the text speaks of, which are not put in"
READ_OTHERWISE = "this was taken for a definition, and cannot be one as it is read"
ORDER = (
    "it holds of numbers, in any order, and of the vectors and matrices of this text it does not"
)
CLASS = "the index of this cost may be the class of the sample, or count what a sum is left out of"
UNITS = "it holds for indices that are like, or unlike, as the text says of them before"
SOLVED = "{} is given; for which of its values something holds, as a slope of 0, is not judged"
