"""What signs say: words of a small vocabulary of our own, names made of syllables, numbers and prices."""

import string
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _alphabet(words: Iterable[str]) -> str:
    return "".join(sorted(set("".join(words))))


SIGNS = _listed("""
EXIT OPEN CLOSED SALE STOP PUSH PULL DANGER CAUTION WARNING ENTRANCE PARKING TAXI BUS TRAIN STATION PLATFORM GATE
LEVEL FLOOR LIFT ESCALATOR STAIRS TOILET RESTROOM LADIES GENTS MEN WOMEN WAY OUT NO SMOKING ENTRY ACCESS PRIVATE
PUBLIC KEEP CLEAR LEFT RIGHT FIRE HOSE HYDRANT ALARM EMERGENCY ASSEMBLY POINT FIRST AID HOTEL HOSTEL RESTAURANT CAFE
COFFEE TEA BAR GRILL PIZZA BURGER NOODLES SUSHI BAKERY BREAD CAKE FRUIT FRESH JUICE WATER MILK MARKET SHOP STORE MALL
CENTRE CENTER PLAZA SQUARE STREET ROAD AVENUE LANE DRIVE PARK GARDEN BRIDGE TOWER HALL HOUSE HOME BANK EXCHANGE MONEY
CASH ATM POST OFFICE LIBRARY MUSEUM GALLERY THEATRE CINEMA MUSIC BOOKS TOYS SHOES FASHION JEANS SPORT OUTLET BEAUTY
HAIR SALON SPA NAILS OPTICS GLASSES WATCHES JEWELRY GOLD DIAMOND PHONE MOBILE REPAIR COMPUTER CAMERA PHOTO PRINT COPY
DENTAL CLINIC PHARMACY HEALTH DOCTOR HOSPITAL SCHOOL COLLEGE UNIVERSITY COURSE CHURCH POLICE SECURITY CAR RENTAL WASH
TYRES SERVICE FUEL DIESEL ELECTRIC CHARGING SPEED LIMIT SLOW SCHOOL ZONE ONE TWO THREE FOUR FIVE TEN MONDAY TUESDAY
WEDNESDAY FRIDAY SATURDAY SUNDAY DAILY HOURS FROM TO AND THE OF FOR WITH YOUR OUR NEW BEST SUPER MEGA SPECIAL OFFER
FREE BUY GET NOW ONLY TODAY LIMITED TIME SAVE UP OFF MORE LESS EXTRA PRICE EACH PER DAY WEEK WELCOME THANK YOU PLEASE
WAIT HERE QUEUE TICKET TICKETS INFORMATION CUSTOMER COUNTER RECEPTION STAFF MEETING ROOM BLOCK UNIT NORTH SOUTH EAST
WEST CENTRAL CITY TOWN HARBOUR AIRPORT TERMINAL DEPARTURES ARRIVALS BAGGAGE CUSTOMS LINE LOOP EXPRESS LOCAL DIRECT
NEXT STOP MIND GAP DOOR DOORS WINDOW BOX HIGH VOLTAGE WET PAINT WORK IN PROGRESS HELMET REQUIRED DELIVERY LOADING DOCK
WAREHOUSE STORAGE RECYCLE PAPER PLASTIC GLASS WASTE ONLINE WWW COM CALL EMAIL VISIT FOLLOW LIKE WIN GIFT CARD MEMBER
CLUB STUDIO DESIGN ART CRAFT KITCHEN LOUNGE GARAGE DELI CHICKEN BEEF FISH RICE SOUP SALAD BREAKFAST LUNCH DINNER MENU
DRINKS WINE BEER COCKTAILS HAPPY HOUR ICE CREAM CHOCOLATE SUGAR SALT LIGHT DARK BLUE RED GREEN BLACK WHITE SMART FAST
EASY GLOBAL ROYAL GRAND STAR SUN MOON SEA RIVER LAKE HILL MOUNT FOREST GREEN LEAF BATTERY POWER MODEL SERIAL NUMBER
MADE INPUT OUTPUT NET WEIGHT BEST BEFORE STORE COOL DRY PLACE RESERVED SEATING PRIORITY SEATS
""")

SMALL_PRINT = _listed("""
the of and to in a is for on with at by from or as be this that are we you your all may not only any more please see
use over after before under terms conditions apply while stocks last valid until further notice subject change without
prior during opening hours including public holidays made using natural ingredients contains nuts milk wheat product
packed keep refrigerated once opened children supervision required management reserves right refuse entry visitors
must report reception vehicles parked owner risk bicycles will removed cameras operation premises your safety
instructions press button hold firmly turn clockwise release remove cover insert card wait green light take receipt
contact operator assistance
""")

ACCENTED = _listed("""
Café Crème Pâtisserie Fermé Entrée Société Zürich Straße Bäckerei Öffnungszeiten Frühstück Ausfahrt Köln Größe Señor
Niño España Mañana Peluquería Farmacia Salón Østergade Smørrebrød Kød Ærø Øst Køb Łódź Kraków Sklep Zażółć Gęś
Świąteczna Čeština Děkuji Řeka Příjezd Žižkov été
""")

CYRILLIC = _listed("""
ВЫХОД ВХОД ОТКРЫТО ЗАКРЫТО АПТЕКА МАГАЗИН ПРОДУКТЫ ХЛЕБ КАФЕ РЕСТОРАН БАНК ПОЧТА МЕТРО СТАНЦИЯ УЛИЦА ПЛОЩАДЬ ПРОСПЕКТ
ДОМ ШКОЛА БОЛЬНИЦА ГОСТИНИЦА СКИДКИ РАСПРОДАЖА ЦЕНА НОВИНКА ЦВЕТЫ ОБУВЬ ОДЕЖДА РЕМОНТ КЛЮЧИ ПАРИКМАХЕРСКАЯ Касса
Вокзал Автобус Стоянка Внимание Осторожно Объявление Расписание
""")

GREEK = _listed("""
ΕΞΟΔΟΣ ΕΙΣΟΔΟΣ ΑΝΟΙΧΤΟ ΚΛΕΙΣΤΟ ΦΑΡΜΑΚΕΙΟ ΤΑΒΕΡΝΑ ΚΑΦΕ ΤΡΑΠΕΖΑ ΣΤΑΘΜΟΣ ΟΔΟΣ ΠΛΑΤΕΙΑ ΣΧΟΛΕΙΟ ΞΕΝΟΔΟΧΕΙΟ ΨΩΜΙ ΤΙΜΗ Αθήνα
Προσοχή Λεωφορείο Εστιατόριο Πωλείται Ενοικιάζεται
""")

CJK = _listed("""
出口 入口 営業中 禁止 駅 東口 西口 南口 北京 大小 本店 本日 定休日 料金 無料 禁煙 駐車場 学校 病院 郵便局 銀行 酒店 食品 街道 路線 号楼 电话 安全 注意 开放 时间 中国 餐厅 超市 药房 书店 茶 面包 大学
入学 東京 道路 中止
""")

VOCABULARY = {"accented": ACCENTED, "cyrillic": CYRILLIC, "greek": GREEK, "cjk": CJK}
# A font is used for a script only if it has every character here: all that the functions below write.
ALPHABETS = {
    "latin": string.ascii_letters + string.digits + ".,:;-+/%#$()",
    "accented": _alphabet(ACCENTED) + _alphabet(word.upper() for word in ACCENTED),
    "cyrillic": _alphabet(CYRILLIC) + _alphabet(word.upper() for word in CYRILLIC),
    "greek": _alphabet(GREEK),
    "cjk": _alphabet(CJK),
}
SHARE_OF_SCRIPT = {"latin": 0.86, "accented": 0.05, "cyrillic": 0.03, "greek": 0.02, "cjk": 0.04}

CONSONANTS = _listed("b c d f g h k l m n p r s t v w br ch cl cr dr fl gr kr ph pl pr sh sk sl sp st th tr")
VOWELS = _listed("a e i o u a e i o ai ea ee oo ou")
ENDINGS = _listed("n r s t l x ng nt ck m rd ll")


def draw(items: Sequence[Item], numbers: np.random.Generator) -> Item:
    """One of the items, each as likely as the others."""
    return items[int(numbers.integers(len(items)))]


def draw_script(available: tuple[str, ...], numbers: np.random.Generator) -> str:
    """A script that fonts exist for: mostly Latin, as signs in the benchmarks are."""
    shares = np.array([SHARE_OF_SCRIPT[script] for script in available])
    return available[int(numbers.choice(len(available), p=shares / shares.sum()))]


def name(numbers: np.random.Generator) -> str:
    """A word that no dictionary has, as brands and places are."""
    syllables = int(numbers.integers(1, 4))
    body = "".join(draw(CONSONANTS, numbers) + draw(VOWELS, numbers) for _ in range(syllables))
    return (body + (draw(ENDINGS, numbers) if numbers.random() < 0.6 else "")).capitalize()


def number(numbers: np.random.Generator) -> str:
    """Prices, times, phone numbers, dates, percentages, unit and number plates."""

    def digits(count):
        return "".join(draw(string.digits, numbers) for _ in range(count))

    def letters(count):
        return "".join(draw(string.ascii_uppercase, numbers) for _ in range(count))

    integer = numbers.integers
    forms = (
        lambda: digits(int(integer(1, 5))),
        lambda: f"${integer(1, 200)}.{draw(('00', '50', '80', '90', '95', '99'), numbers)}",
        lambda: f"{integer(0, 24):02d}:{integer(0, 60):02d}",
        lambda: f"{integer(1, 13)}{draw(('am', 'pm'), numbers)}",
        lambda: digits(4) + draw(("", "-"), numbers) + digits(4),
        lambda: f"+{integer(1, 99)}-{digits(3)}-{digits(4)}",
        lambda: f"{5 * integer(1, 19)}%",
        lambda: f"#{integer(1, 6):02d}-{integer(1, 400):02d}",
        lambda: letters(int(integer(1, 4))) + draw(("", "-"), numbers) + digits(int(integer(1, 5))),
        lambda: letters(int(integer(2, 6))),
        lambda: f"{integer(1, 32)}/{integer(1, 13)}/{integer(2001, 2030)}",
        lambda: f"{draw('ABCDEFGL', numbers)}{integer(1, 30)}",
        lambda: f"({digits(int(integer(1, 3)))})",
    )
    return draw(forms, numbers)()


def word(script: str, numbers: np.random.Generator, small_print: bool = False) -> str:
    """One word of the script; of Latin also names and numbers."""
    if script != "latin":
        return draw(VOCABULARY[script], numbers)
    kind = numbers.random()
    if small_print and kind < 0.6:
        return draw(SMALL_PRINT, numbers) + (draw(".,:;", numbers) if numbers.random() < 0.1 else "")
    if kind < 0.62:
        return draw(SIGNS, numbers)
    if kind < 0.8:
        return name(numbers)
    return number(numbers)


def line(script: str, count: int, numbers: np.random.Generator, small_print: bool = False) -> list[str]:
    """`count` words of one line, all in one case as signs set them."""
    words = [word(script, numbers, small_print) for _ in range(count)]
    if script in ("greek", "cjk"):
        return words
    case = numbers.random()
    if script != "latin":
        return [chosen.upper() for chosen in words] if case < 0.4 else words
    if small_print:
        return words if case < 0.8 else [chosen.upper() for chosen in words]
    if case < 0.5:
        return [chosen.upper() for chosen in words]
    if case < 0.9:
        return [chosen if any(map(str.isdigit, chosen)) else chosen.capitalize() for chosen in words]
    return [chosen.lower() for chosen in words]
