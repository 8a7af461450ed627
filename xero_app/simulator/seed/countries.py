"""What differs between countries: currency, zone, the names of sales tax and the shape of addresses."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country as Xero organisations know it; `tax` is its usual rate in percent."""

    code: str
    name: str
    currency: str
    time_zone: str
    tax_name: str
    tax: Decimal
    sales_tax_type: str
    purchase_tax_type: str
    cities: tuple[tuple[str, str, str], ...]
    """City, region, postal code."""


COUNTRIES = {
    "US": Country(
        code="US", name="United States", currency="USD", time_zone="EASTERNSTANDARDTIME", tax_name="Sales Tax",
        tax=Decimal("8.25"), sales_tax_type="OUTPUT", purchase_tax_type="INPUT",
        cities=(("Austin", "TX", "78701"), ("Duluth", "MN", "55802"), ("Portland", "ME", "04101"),
                ("Winston-Salem", "North Carolina", "27101-1234"), ("Coeur d'Alene", "ID", "83814")),
    ),
    "NZ": Country(
        code="NZ", name="New Zealand", currency="NZD", time_zone="NEWZEALANDSTANDARDTIME", tax_name="GST",
        tax=Decimal(15), sales_tax_type="OUTPUT2", purchase_tax_type="INPUT2",
        cities=(("Whakatāne", "Bay of Plenty", "3120"), ("Dunedin", "", "9016"), ("Ōtaki", "Wellington", "5512")),
    ),
    "AU": Country(
        code="AU", name="Australia", currency="AUD", time_zone="AUSEASTERNSTANDARDTIME", tax_name="GST",
        tax=Decimal(10), sales_tax_type="OUTPUT", purchase_tax_type="INPUT",
        cities=(("Wagga Wagga", "NSW", "2650"), ("Fremantle", "WA", "6160"), ("Hobart", "TAS", "7000")),
    ),
    "GB": Country(
        code="GB", name="United Kingdom", currency="GBP", time_zone="GMTSTANDARDTIME", tax_name="VAT",
        tax=Decimal(20), sales_tax_type="OUTPUT2", purchase_tax_type="INPUT2",
        cities=(("Kingston upon Hull", "East Yorkshire", "HU1 1AA"), ("Aberystwyth", "Ceredigion", "SY23 2AX"),
                ("Leeds", "", "LS1 4DY")),
    ),
    "CA": Country(
        code="CA", name="Canada", currency="CAD", time_zone="EASTERNSTANDARDTIME", tax_name="GST",
        tax=Decimal(5), sales_tax_type="OUTPUT", purchase_tax_type="INPUT",
        cities=(("Montréal", "QC", "H2Y 1C6"), ("Moose Jaw", "SK", "S6H 0A1"), ("St. John's", "NL", "A1C 5S7")),
    ),
}  # fmt: skip

RATES_PER_USD = {
    "USD": Decimal(1), "NZD": Decimal("1.684233"), "AUD": Decimal("1.512907"), "GBP": Decimal("0.761284"),
    "CAD": Decimal("1.371655"), "EUR": Decimal("0.894517"), "JPY": Decimal("148.370164"),
    "SGD": Decimal("1.298806"),
}  # fmt: skip
FOREIGN = ("USD", "EUR", "GBP", "AUD", "JPY", "NZD", "SGD", "CAD")
