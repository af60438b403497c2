"""The colours of figures: told apart by people of any colour vision (Okabe and Ito 2008)."""

INK = "#1b1f24"
SOFT = "#6b7580"
FAINT = "#c9d0d7"
PAPER = "white"
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
#: What fills areas; in grey they go from light to dark.
PALE_BLUE = "#b3d9f2"
PALE_ORANGE = "#f2b35c"
DEEP = "#7a6aa8"
