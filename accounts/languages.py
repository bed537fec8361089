"""First steps in other languages: how to come in, for who does not read French yet. The French text is the reference.

No native speaker has read the translations (docs/decisions.md): each was translated back by somebody who had not
written it. What stands between square brackets is a word of the screen, which stays in French.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """The first steps in one language: its code (BCP 47), its own name, its writing direction and its texts.

    `steps` are one sentence or two each; `help` comes before the town hall's telephone; `notice` says that this is a
    translation, empty for the French text.
    """

    code: str
    name: str
    title: str
    intro: str
    steps: tuple[str, ...]
    help: str
    notice: str = ""
    direction: str = "ltr"


FRENCH = Language(
    "fr",
    "Français",
    "Comment entrer",
    "Ce site sert à inscrire votre enfant à la garderie\u00a0: matin, midi, soir.",
    (
        "La mairie vous donne un [Identifiant]. C’est un numéro.",
        "Sur la page de connexion, touchez [Mot de passe oublié]. Écrivez votre identifiant, touchez "
        "[Recevoir un mot de passe].",
        "Copiez le mot de passe reçu par e-mail. Il sert une fois, pendant 24 heures.",
        "Sur la page de connexion, collez-le dans [Mot de passe]. Touchez [Connexion].",
        "Choisissez votre mot de passe\u00a0: 8 caractères ou plus, une majuscule, une minuscule, un chiffre. "
        "Écrivez-le deux fois. Touchez [Enregistrer].",
        "Connectez-vous avec ce nouveau mot de passe.",
        "Dans [Planning], cochez les jours. Touchez [Enregistrer].",
    ),
    "Pas d’e-mail, pas d’identifiant\u202f? Appelez la mairie ou venez\u00a0:",
)

TRANSLATIONS = (
    Language(
        "en",
        "English",
        "How to log in",
        "Register your child here for childcare at school: morning, midday, evening.",
        (
            "The town hall gives you an [Identifiant]. It is a number.",
            "On the login page, tap [Mot de passe oublié] (forgotten password). Type your number, tap "
            "[Recevoir un mot de passe].",
            "Copy the password you receive by e-mail. It works once, for 24 hours.",
            "On the login page, paste it into [Mot de passe]. Tap [Connexion].",
            "Choose your own password: at least 8 characters, one capital, one small letter, one digit. Type it "
            "twice. Tap [Enregistrer] (save).",
            "Log in with this new password.",
            "In [Planning], tick the days. Tap [Enregistrer].",
        ),
        "No e-mail, no number? Call or visit the town hall:",
        "Translation. The French text prevails.",
    ),
    Language(
        "ar",
        "العربية",
        "كيفية الدخول",
        "هذا الموقع لتسجيل طفلكم في حضانة المدرسة: صباحًا وظهرًا ومساءً.",
        (
            "تعطيكم البلدية [Identifiant]، وهو رقم.",
            "في صفحة الدخول، اضغطوا على [Mot de passe oublié] (نسيت كلمة السر). اكتبوا رقمكم ثم اضغطوا على "
            "[Recevoir un mot de passe].",
            "انسخوا كلمة السر التي تصلكم بالبريد الإلكتروني. تصلح مرة واحدة خلال 24 ساعة.",
            "في صفحة الدخول، ألصقوها في [Mot de passe]. اضغطوا على [Connexion].",
            "اختاروا كلمة السر الخاصة بكم: 8 رموز على الأقل، منها حرف لاتيني كبير وحرف لاتيني صغير ورقم. اكتبوها "
            "مرتين. اضغطوا على [Enregistrer] (حفظ).",
            "ادخلوا بكلمة السر الجديدة.",
            "في [Planning]، اختاروا الأيام. اضغطوا على [Enregistrer].",
        ),
        "ليس لديكم بريد إلكتروني أو رقم؟ اتصلوا بالبلدية أو تعالوا إليها:",
        "هذه ترجمة. النص الفرنسي هو المرجع.",
        direction="rtl",
    ),
    Language(
        "tr",
        "Türkçe",
        "Nasıl giriş yapılır",
        "Bu site, çocuğunuzu okuldaki bakım hizmetine kaydetmek içindir: sabah, öğle, akşam.",
        (
            "Belediye size bir [Identifiant] verir. Bu bir numaradır.",
            "Giriş sayfasında [Mot de passe oublié] (şifremi unuttum) yazısına dokunun. Numaranızı yazın, "
            "[Recevoir un mot de passe] düğmesine dokunun.",
            "E-postayla gelen şifreyi kopyalayın. Bir kez, 24 saat içinde geçerlidir.",
            "Giriş sayfasında şifreyi [Mot de passe] alanına yapıştırın. [Connexion] düğmesine dokunun.",
            "Kendi şifrenizi seçin: en az 8 karakter, bir büyük harf, bir küçük harf, bir rakam. İki kez yazın. "
            "[Enregistrer] (kaydet) düğmesine dokunun.",
            "Bu yeni şifreyle giriş yapın.",
            "[Planning] bölümünde günleri işaretleyin. [Enregistrer] düğmesine dokunun.",
        ),
        "E-postanız veya numaranız yok mu? Belediyeyi arayın veya belediyeye gelin:",
        "Bu bir çeviridir. Fransızca metin esastır.",
    ),
    Language(
        "pt",
        "Português",
        "Como entrar",
        "Inscreva aqui o seu filho na guarda escolar: manhã, meio-dia, tarde.",
        (
            "A câmara municipal dá-lhe um [Identifiant]. É um número.",
            "Na página de entrada, toque em [Mot de passe oublié] (palavra-passe esquecida). Escreva o seu número, "
            "toque em [Recevoir un mot de passe].",
            "Copie a palavra-passe recebida por e-mail. Serve uma vez, em 24 horas.",
            "Na página de entrada, cole-a em [Mot de passe]. Toque em [Connexion].",
            "Escolha a sua palavra-passe: 8 caracteres ou mais, uma maiúscula, uma minúscula, um algarismo. "
            "Escreva-a duas vezes. Toque em [Enregistrer] (guardar).",
            "Entre com esta nova palavra-passe.",
            "Em [Planning], assinale os dias. Toque em [Enregistrer].",
        ),
        "Sem e-mail ou número? Telefone à câmara municipal ou vá lá:",
        "Tradução. O texto francês faz fé.",
    ),
    Language(
        "uk",
        "Українська",
        "Як увійти",
        "Цей сайт потрібен, щоб записати дитину до групи догляду в школі: вранці, опівдні, ввечері.",
        (
            "Мерія дає вам [Identifiant]. Це номер.",
            "На сторінці входу натисніть [Mot de passe oublié] (забутий пароль). Введіть свій номер, натисніть "
            "[Recevoir un mot de passe].",
            "Скопіюйте пароль, отриманий електронною поштою. Він діє один раз, протягом 24 годин.",
            "На сторінці входу вставте його в поле [Mot de passe]. Натисніть [Connexion].",
            "Оберіть власний пароль: щонайменше 8 символів, одна велика літера, одна мала, одна цифра. Введіть його "
            "двічі. Натисніть [Enregistrer] (зберегти).",
            "Увійдіть із цим новим паролем.",
            "У розділі [Planning] позначте дні. Натисніть [Enregistrer].",
        ),
        "Немає електронної пошти чи номера? Зателефонуйте до мерії або завітайте:",
        "Це переклад. Визначальним є французький текст.",
    ),
    Language(
        "ro",
        "Română",
        "Cum intrați",
        "Înscrieți aici copilul la supravegherea de la școală: dimineața, la prânz, seara.",
        (
            "Primăria vă dă un [Identifiant]. Este un număr.",
            "Pe pagina de conectare, apăsați [Mot de passe oublié] (parolă uitată). Scrieți numărul, apăsați "
            "[Recevoir un mot de passe].",
            "Copiați parola primită prin e-mail. Este valabilă o singură dată, timp de 24 de ore.",
            "Pe pagina de conectare, lipiți-o în [Mot de passe]. Apăsați [Connexion].",
            "Alegeți parola dumneavoastră: cel puțin 8 caractere, o literă mare, o literă mică, o cifră. Scrieți-o de "
            "două ori. Apăsați [Enregistrer] (salvare).",
            "Conectați-vă cu această parolă nouă.",
            "În [Planning], bifați zilele. Apăsați [Enregistrer].",
        ),
        "Nu aveți e-mail sau număr? Sunați la primărie sau veniți:",
        "Traducere. Textul francez este cel de referință.",
    ),
)
LANGUAGES = {language.code: language for language in (FRENCH, *TRANSLATIONS)}
