"""The words of the seed data: ordinary ones, and those that break careless formats."""

# ruff: noqa: RUF001 - typographic signs are what this text is for

COMPANIES = (
    "Fairview Hardware", "Bayside Cleaning", "Marlow & Sons", "Kōwhai Café", "Núñez Hermanos", "Straße 12 GmbH",
    "O'Leary Freight", "Zhōng Trading", "Åkesson Møbler", "Petit Château", "Harborview Dental", "Ridgeway Bakery",
    "Truxton Property", "Young Bros Transport", "Hamilton Smith", "Capital Cab", "Gateway Motors",
    "Melrose Parking",
    "Net Connect", "PowerDirect", "SMART Agency", "Swanston Security", "MCO Cleaning", "Oaktown Timber",
    "Pinewood Press", "Silver Fern Foods", "Blue Gum Logistics", "Northern Lights Electric", "Quay Chandlers",
    "Delta Packaging",
)  # fmt: skip
SUFFIXES = ("Ltd", "Inc", "LLC", "Pty Ltd", "GmbH", "S.A.", "& Co", "Group", "")
FIRST_NAMES = ("Ana", "Bjørn", "Chloé", "Dwayne", "Eilidh", "Fatima", "George", "Hēmi", "Ines", "Jürgen", "Zoë")
LAST_NAMES = ("Adams", "Brånemark", "Çelik", "D'Arcy", "Evans-Pritchard", "Ferrer", "Gupta", "O’Neil", "Ngata")
STREETS = (
    "12 Wharf Road",
    "Unit 4/77 Mill Lane",
    "1 Main St, Suite #200",
    "Rua do Ouro 3",
    "PO Box 4021",
    "Level 9",
)

NASTY_NAMES = (
    'Quoted "Best" Supplies, Ltd',
    "Segment~Star*Colon: & Co>",
    "Tab\tand trailing space ",
    "שלום \u200fTrading\u200e Co",
    "Emoji 🚚 Haulage 👩‍🔧",
    "Semi;colon | Pipe^Caret",
    "=SUM(A1:A9) Formula Ltd",
    "Un+a'vec?des:signes EDIFACT",
    "A" * 120 + " Überlange Firmenbezeichnung mit sehr vielen Wörtern " + "Z" * 82,
)
NASTY_LINES = (
    "First line\r\nsecond line\r\n\r\nfourth line",
    'He said "deliver, then invoice"; ok?',
    "A*B~C>D:E^F|G",
    "Tab\there\tand\tthere",
    "Überprüfung – naïve façade, Łódź, 東京, Ελλάδα",
    "🔧 repair 🧾 receipt",
    "\u200fعربي\u200e mixed direction",
    "  leading and trailing blanks  ",
    "@cmd|' /C calc'!A0",
    "Ends with a backslash \\",
    "Zero-width\u200bjoiner and soft\u00adhyphen and nbsp\u00a0here",
    "UNH+1'ISA*00*~ embedded",
    "x" * 600,
)
PLAIN_LINES = (
    "Consulting", "Hinge set", "Freight & handling", "Monthly retainer", "Window cleaning", "Fuel surcharge",
    "Site visit", "Timber, treated", "Printing", "Licence fee",
)  # fmt: skip
REFERENCES = (
    "PO 88-1207",
    "",
    "P/O 5521",
    "Ref: Spring order",
    "RFQ*19~B",
    "Monthly support",
    "电话订单",
    "0000123",
)
PAYMENT_REFERENCES = ("WIRE 5521", "", "EFT 20931", "Cheque 004417", "DD~17*3", "Card •••• 4242", "Thank you!")
NARRATIONS = (
    "Accrual", "Depreciation", 'Reversal: "wrong" period', "Payroll week\r\n42", "Stock take ± adj.",
    "FX 🧮 reval",
    "Prepaid insurance; month 3", "Bad debt * write-off ~",
)  # fmt: skip
ATTENTION = ("", "", "Accounts: payable*", "J. O’Neil")
ITEMS = (
    ("HNG-12", "Hinge set", "Hinge set 12in\r\nzinc", "48.5000"),
    ("BLT*M8", "Bolt M8", "Bolt M8 × 40 ~ stainless", "0.1375"),
    ("PAINT-5L", "Paint", 'Paint 5 l "Kōwhai" yellow', "62.9000"),
    ("SVC", "Labour", "Labour, on site", "85.0000"),
    ("CBL:3", "Cable", "Cable 3-core; per metre", "3.3333"),
    ("LMP", "Lamp", "Lamp > 10 W, 💡 warm", "19.9900"),
    ("PLT", "Pallet", "Euro pallet\t120x80", "11.0000"),
    ("TRN-01", "Training", "Formation «sécurité» – journée entière", "1250.0000"),
)
