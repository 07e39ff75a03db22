"""The invented company "Fjord & Fell Group": its brands, and the few names that try to do harm."""

from typing import NamedTuple


class Brand(NamedTuple):
    """One invented brand: display name, handle, category, and one line about itself."""

    name: str
    handle: str
    category: str
    bio: str


COMPANY = "Fjord & Fell Group"

BRANDS: tuple[Brand, ...] = (
    Brand("Fjord & Fell", "fjordandfell", "outdoor", "Clothes for weather. Since 1962. 🏔️"),
    Brand("Nordlys Optikk", "nordlys.optikk", "fashion", "Briller fra Tromsø, sett i et annet lys."),
    Brand("Kattegat Coffee", "kattegatcoffee", "food", "Roasted by the sea ☕"),
    Brand("Smörgås & Co", "smorgasco", "food", "Öppna mackor, öppna dörrar."),
    Brand("Hygge Hjem", "hygge.hjem", "home", "Stearinlys, uld og gode stole."),
    Brand("Løv Botanicals", "lovbotanicals", "beauty", "Skincare from birch leaves 🌿"),
    Brand("Sauna Saari", "saunasaari", "travel", "Löylyä saaristossa, ympäri vuoden."),
    Brand("Glacier Nine", "glacier.nine", "fashion", "Nine pieces, one suitcase."),
    Brand("Harbour Street Books", "harbourstreetbooks", "culture", "Second-hand, first-rate. 📚"),
    Brand("Tiny Trawler", "tinytrawler", "food", "Fish tacos from a very small boat."),
    Brand("Maison Clairval", "maisonclairval", "fashion", "Prêt-à-porter, atelier à Lyon."),
    Brand("Le Petit Sillage", "lepetitsillage", "beauty", "Parfums en petites séries ✨"),
    Brand("Pâtisserie Ondine", "patisserie.ondine", "food", "Choux, éclairs, patience."),
    Brand("Cyclo Vauban", "cyclovauban", "sports", "Vélos d'acier, faits à la main."),
    Brand("Bergblick Reisen", "bergblickreisen", "travel", "Wir fahren mit dem Zug hinauf."),
    Brand("Brotzeit Müller", "brotzeitmueller", "food", "Sauerteig seit vier Generationen 🥨"),
    Brand("Kiez Keramik", "kiezkeramik", "home", "Gedreht in Neukölln, gebrannt bei 1240 Grad."),
    Brand("Stadtgrün Gärtnerei", "stadtgruen", "home", "Balkone können mehr. 🌱"),
    Brand("Casa Limón", "casalimon", "home", "Azulejos, lino y mucha luz 🍋"),
    Brand("Sierra Alta Trail", "sierraalta.trail", "sports", "Corremos donde acaba el asfalto."),
    Brand("Churros Doña Pilar", "churrosdonapilar", "food", "Madrugamos por ti."),
    Brand("Ondas do Norte", "ondasdonorte", "sports", "Surf, sal e paciência 🌊"),
    Brand("Pastelaria Aurora", "pastelaria.aurora", "food", "Pastéis ainda quentes."),
    Brand("Bottega Lucente", "bottegalucente", "fashion", "Pelle, filo, tempo."),
    Brand("Gelato Vespertina", "gelatovespertina", "food", "Sette gusti, mai otto. 🍨"),
    Brand("Radio Lungomare", "radiolungomare", "music", "Canzoni per chi torna tardi."),
    Brand("Wiatr i Len", "wiatrilen", "fashion", "Polski len, proste kroje."),
    Brand("Pierogarnia Babci Zosi", "pierogarnia.zosi", "food", "Lepione ręcznie od świtu 🥟"),
    Brand("Modrá Kachna", "modrakachna", "culture", "Loutkové divadlo pro malé i velké."),
    Brand("Σπίτι του Ήλιου", "spiti.tou.iliou", "travel", "Δωμάτια με θέα στο Αιγαίο ☀️"),
    Brand("Північний Вітер", "pivnichnyi.viter", "outdoor", "Спорядження для Карпат."),
    Brand("Чайная Роза", "chaynaya.roza", "food", "Чай, варенье, разговоры."),
    Brand("Anadolu Dokuma", "anadoludokuma", "home", "El tezgahında kilimler, adil ücret."),  # noqa: RUF001 - Turkish writes it so
    Brand("بيت الياسمين", "bayt.alyasmin", "beauty", "عطور تُصنع يدوياً في دمشق 🌸"),
    Brand("قهوة الفجر", "qahwat.alfajr", "food", "قهوة محمصة كل صباح ☕"),
    Brand("בית המאפה של נועה", "noa.bakery", "food", "לחם מחמצת, כל בוקר מחדש 🍞"),
    Brand("نسیم خلیج", "nasim.khalij", "travel", "سفرهای آرام کنار دریا"),
    Brand("山の道具店", "yamanodougu", "outdoor", "山に登る人のための小さな店 ⛰️"),
    Brand("さくら文具", "sakurabungu", "culture", "書くことが好きな人へ 🌸"),
    Brand("喫茶ミナト", "kissa.minato", "food", "深煎りとナポリタン。"),
    Brand("海岸咖啡", "haiancoffee", "food", "海边的一杯咖啡 ☕"),
    Brand("竹影茶舍", "zhuying.tea", "food", "一盏清茶 半日闲"),
    Brand("서울 자전거 공방", "seoul.bikeworks", "sports", "오래 타는 자전거를 만듭니다 🚲"),
    Brand("달빛 도자기", "dalbit.ceramics", "home", "손으로 빚은 그릇"),
    Brand("मसाला घर", "masala.ghar", "food", "घर जैसा स्वाद 🌶️"),
    Brand("Monsoon Loom", "monsoonloom", "fashion", "Handloom cotton from Kerala."),
    Brand("สวนริมคลอง", "suan.rimklong", "travel", "ที่พักริมคลอง เงียบสงบ 🌴"),
    Brand("Phố Xưa Bakery", "phoxua.bakery", "food", "Bánh mì nướng mỗi giờ 🥖"),
    Brand("Kopi Senja", "kopisenja", "food", "Kopi, senja, dan cerita."),
    Brand("Savanna Thread", "savannathread", "fashion", "Woven in Nairobi, worn everywhere."),
    Brand("Table Bay Swim", "tablebayswim", "sports", "Cold water, warm people 🏊"),
    Brand("Lagos Vinyl Club", "lagosvinylclub", "music", "Highlife, afrobeat, side B. 🎶"),
    Brand("Prairie Lantern", "prairielantern", "home", "Lamps for long winters."),
    Brand("Old Mill Cider", "oldmillcider", "food", "Apples in, stories out 🍎"),
    Brand("Cedar & Rain", "cedarandrain", "outdoor", "Rain jackets from the rainiest town."),
    Brand("Redwood Radio", "redwoodradio", "music", "Tall trees, low frequencies."),
    Brand("Paloma Dental", "palomadental", "health", "Friendly teeth people."),
    Brand("Little Otter Play", "littleotterplay", "family", "Wooden toys that float 🦦"),
    Brand("Southern Cross Yoga", "southerncrossyoga", "health", "Breathe, then coffee."),
    Brand("Kiwi Kayak Co", "kiwikayakco", "sports", "Paddling Aotearoa since 1998 🛶"),
    Brand("Quiet Circuit", "quietcircuit", "technology", "Gadgets that shut up."),
    Brand("Fell Digital", "felldigital", "technology", "The group's own studio. 💻"),
)

LONG_NAME = ("The Extraordinarily Long-Winded Company of Purveyors of Fine Teas and Biscuits " * 5)[:300]

HOSTILE: tuple[str, ...] = (
    "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe>",
    "<img src=x onerror=\"document.title='owned'\">",
    "</script><script>document.title='owned'</script>",
    "![x](http://127.0.0.1:9/beacon)",
    "[click](http://127.0.0.1:9/link) for a prize",
    ":material/delete: :red[$\\LaTeX$]",
    '=HYPERLINK("http://127.0.0.1:9/sheet","open")',
    "+1 Agency",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Bell\x07 and\r\nescape \x1b[31mred\x1b[0m",
    LONG_NAME,
)
