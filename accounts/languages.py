"""First steps in other languages: how to come in, for who does not read French yet. The French text is the reference.

No native speaker has read the translations: each was translated back by somebody who had not written it
(docs/decisions/2026-11-27-comment-entrer-en-langues.md). What stands between square brackets is a word of the screen,
which stays in French.
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
        "La mairie vous donne un [Identifiant] (un numéro).",
        "Sur la page de connexion, touchez [Mot de passe oublié]. Écrivez votre identifiant, touchez "
        "[Recevoir un mot de passe].",
        "Copiez le mot de passe reçu par e-mail. Il sert une fois, pendant 24 heures.",
        "Touchez le lien de l’e-mail. Collez le mot de passe dans [Mot de passe]. Touchez [Connexion].",
        "Choisissez votre mot de passe\u00a0: 8 caractères ou plus, une majuscule, une minuscule, un chiffre. "
        "Écrivez-le deux fois. Touchez [Enregistrer].",
        "Connectez-vous avec ce nouveau mot de passe.",
        "Dans [Planning], cochez les jours. Touchez [Enregistrer].",
    ),
    "Pas d’e-mail, pas d’[Identifiant]\u202f? Appelez la mairie ou venez\u00a0:",
)

TRANSLATIONS = (
    Language(
        "en",
        "English",
        "How to log in",
        "Register your child here for school childcare: morning, lunchtime, evening.",
        (
            "The town hall gives you an [Identifiant] (a number).",
            "On the login page, tap [Mot de passe oublié] (forgotten password). Type this number, tap "
            "[Recevoir un mot de passe].",
            "Copy the password received by e-mail. It works once, within 24 hours.",
            "Tap the link in the e-mail. Paste the password into [Mot de passe]. Tap [Connexion].",
            "Choose your own: at least 8 characters, one capital, one small letter, one digit. Type it "
            "twice. Tap [Enregistrer] (save).",
            "Log in with this new password.",
            "In [Planning], tick the days. Tap [Enregistrer].",
        ),
        "No e-mail or [Identifiant]? Call or visit the town hall:",
        "Translation. The French text prevails.",
    ),
    Language(
        "ar",
        "العربية",
        "كيفية الدخول",
        "سجّلوا هنا طفلكم في خدمة الرعاية بالمدرسة: صباحًا وظهرًا ومساءً.",
        (
            "تعطيكم البلدية [Identifiant] (رقمًا).",
            "في صفحة الدخول، اضغطوا على [Mot de passe oublié] (نسيت كلمة السر). اكتبوا رقمكم واضغطوا على "
            "[Recevoir un mot de passe].",
            "انسخوا كلمة السر الواردة بالبريد الإلكتروني. وهي صالحة لمرة واحدة فقط ولمدة 24 ساعة.",
            "اضغطوا على رابط الرسالة. ألصقوا كلمة السر في [Mot de passe]. اضغطوا على [Connexion].",
            "اختاروا كلمة سر خاصة بكم: 8 رموز على الأقل، منها حرف لاتيني كبير وآخر صغير ورقم واحد. اكتبوها "
            "مرتين. اضغطوا على [Enregistrer] (حفظ).",
            "ادخلوا بكلمة السر الجديدة.",
            "في [Planning]، ضعوا علامة على الأيام. اضغطوا على [Enregistrer].",
        ),
        "ليس لديكم بريد إلكتروني أو [Identifiant]؟ اتصلوا بالبلدية أو زوروها:",
        "هذه ترجمة. النص الفرنسي هو المرجع.",
        direction="rtl",
    ),
    Language(
        "tr",
        "Türkçe",
        "Giriş nasıl yapılır?",
        "Bu site, çocuğunuzu okuldaki çocuk bakım hizmetine kaydetmek içindir: sabah, öğle, akşam.",
        (
            "Belediye size bir [Identifiant] verir. Bu bir numaradır.",
            "Giriş sayfasında [Mot de passe oublié] (şifremi unuttum) yazısına dokunun. Bu numarayı yazın, "
            "[Recevoir un mot de passe] düğmesine dokunun.",
            "E-postayla gelen şifreyi kopyalayın. Yalnızca bir kez kullanılır ve 24 saat geçerlidir.",
            "E-postadaki bağlantıya dokunun. Şifreyi [Mot de passe] alanına yapıştırın. [Connexion] düğmesine dokunun.",
            "Kendi şifrenizi belirleyin: en az 8 karakter, bir büyük harf, bir küçük harf, bir rakam. İki kez yazın. "
            "[Enregistrer] (kaydet) düğmesine dokunun.",
            "Bu yeni şifreyle giriş yapın.",
            "[Planning] bölümünde günleri işaretleyin. [Enregistrer] düğmesine dokunun.",
        ),
        "E-postanız veya [Identifiant] numaranız yok mu? Belediyeyi arayın veya belediyeye gelin:",
        "Bu bir çeviridir. Fransızca metin esastır.",
    ),
    Language(
        "pt",
        "Português",
        "Como entrar",
        "Inscreva aqui o seu filho no acolhimento da escola: manhã, almoço, fim da tarde.",
        (
            "A câmara municipal dá-lhe um [Identifiant] (um número).",
            "Na página de entrada, prima [Mot de passe oublié] (palavra-passe esquecida). Escreva esse número, "
            "prima [Recevoir un mot de passe].",
            "Copie a palavra-passe recebida por e-mail. Só serve uma vez, durante 24 horas.",
            "Prima a ligação do e-mail. Cole a palavra-passe em [Mot de passe]. Prima [Connexion].",
            "Crie a sua palavra-passe: mínimo 8 caracteres, uma maiúscula, uma minúscula, um algarismo. "
            "Escreva-a duas vezes. Prima [Enregistrer] (guardar).",
            "Entre com esta nova palavra-passe.",
            "Em [Planning], assinale os dias. Prima [Enregistrer].",
        ),
        "Sem e-mail ou [Identifiant]? Telefone ou vá à câmara municipal:",
        "Tradução. O texto francês faz fé.",
    ),
    Language(
        "uk",
        "Українська",
        "Як увійти",
        "Тут можна записати дитину на догляд у школі поза уроками: вранці, в обід, увечері.",
        (
            "Мерія дає вам [Identifiant]. Це номер.",
            "На сторінці входу натисніть [Mot de passe oublié] (забули пароль?). Введіть свій номер, натисніть "
            "[Recevoir un mot de passe].",
            "Скопіюйте пароль, отриманий електронною поштою. Він одноразовий і діє 24 години.",
            "Натисніть посилання в листі. Вставте пароль у поле [Mot de passe]. Натисніть [Connexion].",
            "Оберіть власний пароль: щонайменше 8 символів, одна велика літера, одна мала, одна цифра. Введіть його "
            "двічі. Натисніть [Enregistrer] (зберегти).",
            "Увійдіть за допомогою цього нового пароля.",
            "У розділі [Planning] позначте дні. Натисніть [Enregistrer].",
        ),
        "Немає електронної пошти чи [Identifiant]? Зателефонуйте до мерії або прийдіть туди:",
        "Це переклад. Визначальним є французький текст.",
    ),
    Language(
        "ro",
        "Română",
        "Cum vă conectați",
        "Înscrieți aici copilul la supravegherea din școală: dimineața, la prânz, seara.",
        (
            "Primăria vă dă un [Identifiant]. Este un număr.",
            "Pe pagina de conectare, apăsați [Mot de passe oublié] (parolă uitată). Scrieți numărul, apăsați "
            "[Recevoir un mot de passe].",
            "Copiați parola primită prin e-mail. Este valabilă o singură dată, timp de 24 de ore.",
            "Apăsați linkul din e-mail. Lipiți parola în [Mot de passe]. Apăsați [Connexion].",
            "Alegeți-vă propria parolă: cel puțin 8 caractere, o literă mare, o literă mică, o cifră. Scrieți-o de "
            "două ori. Apăsați [Enregistrer] (salvare).",
            "Conectați-vă cu această parolă nouă.",
            "În [Planning], bifați zilele. Apăsați [Enregistrer].",
        ),
        "Nu aveți e-mail sau [Identifiant]? Sunați la primărie sau veniți:",
        "Traducere. Textul francez este cel de referință.",
    ),
)
LANGUAGES = {language.code: language for language in (FRENCH, *TRANSLATIONS)}
