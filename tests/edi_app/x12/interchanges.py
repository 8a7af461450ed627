"""Valid interchanges of our own, one set each, and how to wrap and break them."""

SETS = {
    "810": """
        ST*810*0001
        BIG*20261120*INV-0042*20261101*PO-991***DI
        NTE*GEN*Deliver to dock 4
        CUR*SE*USD
        REF*VR*V-77
        PER*IC*Ann Lee*TE*5550100
        N1*BT*Northwind Retail*92*NW01
        N3*12 Lake Ave*Floor 2
        N4*Madison*WI*53703*US
        N1*SE*Harbor Supply Co*92*HARBOR
        ITD*05*3****20261220*30
        DTM*011*20261118*1430
        IT1*1*10*EA*25.5**VP*WIDGET-1
        TXI*ST*21.04*8.25
        PID*F****Blue widget
        SAC*A*C310***500********Discount
        IT1*2*3*EA*100**VP*SERVICE
        PID*F****Fitting
        TDS*57104
        AMT*BAP*571.04
        CTT*2
        SE*22*0001
    """,
    "820": """
        ST*820*0001
        BPR*I*1500*C*CHK************20261121
        TRN*1*PAY-7788
        CUR*PR*USD
        REF*IA*PMT-1
        DTM*097*20261121
        N1*PR*Harbor Supply Co*92*HARBOR
        N1*PE*Northwind Parts*92*NW02
        ENT*1
        RMR*IV*INV-100**1000*1000
        DTM*003*20261101
        RMR*IV*INV-101*PP*500*600
        REF*PO*PO-77
        DTM*003*20261105
        ADX*-100*01
        SE*16*0001
    """,
    "850": """
        ST*850*0001
        BEG*00*SA*PO-5150**20261110
        CUR*BY*USD
        REF*DP*12
        PER*BD*Ann Lee*EM*ann@northwind.example
        FOB*PP
        ITD*01*3*2**10**30
        DTM*002*20261201
        TD5*O*2*UPSN*M
        N9*ZZ*NOTES
        MSG*Ring before delivery
        N1*ST*Northwind Madison*92*0017
        N3*12 Lake Ave
        N4*Madison*WI*53703
        PO1*1*10*EA*25.5**BP*NW-1
        PID*F****Blue widget
        SCH*10*EA***002*20261201
        PO1*2*3*EA*100**BP*NW-2
        CTT*2
        AMT*TT*555
        SE*21*0001
    """,
    "855": """
        ST*855*0001
        BAK*00*AC*PO-5150*20261110
        N1*SE*Harbor Supply Co*92*HARBOR
        PO1*1*10*EA*25.5**VP*WIDGET-1
        ACK*IA*10*EA*068*20261201
        CTT*1
        SE*7*0001
    """,
    "856": """
        ST*856*0001
        BSN*00*SHIP-9*20261201*0915
        HL*1**S
        TD5*O*2*UPSN*M
        REF*BM*BL-1
        DTM*011*20261201
        N1*SF*Harbor Supply Co
        HL*2*1*O
        PRF*PO-5150
        HL*3*2*I
        LIN**BP*NW-1
        SN1**10*EA
        CTT*3
        SE*14*0001
    """,
    "824": """
        ST*824*0001
        BGN*00*ADV-1*20261122*1015
        N1*BY*Northwind Retail*92*NW01
        OTI*TR*IV*INV-0042***20261120*1200*101*0001*810
        TED*024*Price differs from order
        NTE**Ordered at 25.00
        SE*7*0001
    """,
    "997": """
        ST*997*0001
        AK1*IN*101
        AK2*810*0001
        AK3*BIG*2**8
        AK4*2*76*5*INV-000000000000000000042
        AK5*R*5
        AK2*810*0002
        AK5*A
        AK9*P*2*2*1
        SE*10*0001
    """,
    "999": """
        ST*999*0001*005010X231A1
        AK1*IN*101*005010
        AK2*810*0001
        IK3*BIG*2**8
        CTX*SITUATIONAL TRIGGER*BIG*2
        IK4*2*76*5*INV-000000000000000000042
        IK5*R*5
        AK9*R*1*1*0
        SE*9*0001
    """,
}
GROUPS = {
    "810": "IN",
    "820": "RA",
    "850": "PO",
    "855": "PR",
    "856": "SH",
    "824": "AG",
    "997": "FA",
    "999": "FA",
}
ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *ZZ*HARBOR         *261122*2105*{}*{}*000000101*{}*P*{}"


def segments_of(code: str) -> list[str]:
    """Give the segments of one valid set."""
    return [line.strip() for line in SETS[code].strip().splitlines()]


def wrap(
    segments: list[str], *, functional_id: str = "IN", version: str = "004010", wants_ta1: bool = False, count: int = 1
) -> list[str]:
    """Put segments into a group and an interchange."""
    later = version >= "005010"
    isa = ISA.format("^" if later else "U", "00501" if later else "00401", int(wants_ta1), ":" if later else ">")
    gs = f"GS*{functional_id}*NORTHWIND*HARBOR*20261122*2105*101*X*{version}"
    return [isa, gs, *segments, f"GE*{count}*101", "IEA*1*000000101"]


def interchange(code: str, **options: object) -> list[str]:
    """Give a whole valid interchange with one set, as segments."""
    version = "005010" if code == "999" else "004010"
    return wrap(segments_of(code), functional_id=GROUPS[code], **{"version": version, **options})  # type: ignore[arg-type]


def data_of(segments: list[str], *, end: str = "~\n") -> bytes:
    """Terminate segments."""
    return "".join(f"{segment}{end}" for segment in segments).encode()
