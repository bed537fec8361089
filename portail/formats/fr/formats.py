"""How Django's admin writes a day and an hour: as `portail.dates` does. What a format cannot say, `said` mends."""

DATE_FORMAT = "j\u00a0F Y"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = f"{DATE_FORMAT} à\u00a0{TIME_FORMAT}"
MONTH_DAY_FORMAT = "j\u00a0F"
