"""A visitor of the portal that is on trial: what a parent does and what a curious one tries, through the web server.

Run inside the machine apart, by its own Python: `visite.py NAME CA SOURCE IDENTIFIANT PASSWORD`, or without the last
two while the portal is stopped. Each line it prints is one thing seen; the first that is not as it should be ends it
with code 1.
"""

import http.client
import http.cookiejar
import re
import socket
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
import warnings

FORGED = "203.0.113.66"


class Visitor:
    """A browser that visits the portal over TLS, from one source address, and keeps its cookies."""

    def __init__(self, name, authority, source):
        self.name, self.source = name, source
        self.context = ssl.create_default_context(cafile=authority)
        self.cookies = http.cookiejar.CookieJar()
        here = self

        class Connection(http.client.HTTPSConnection):
            def __init__(self, host, **more):
                more |= {"context": here.context, "source_address": (here.source, 0)}
                super().__init__(host, **more)

        class Handler(urllib.request.HTTPSHandler):
            def https_open(self, request):
                return self.do_open(Connection, request)

        self.opener = urllib.request.build_opener(Handler, urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, path, form=None):
        """Ask for this path, by a POST when there is a form; return the status, the headers, the text and the address
        of the last answer, redirections followed, whatever its status. Each request claims a forged address, which must
        not be believed. Status 0 when the web server cuts the connection.
        """
        url = f"https://{self.name}{path}"
        data = urllib.parse.urlencode(form).encode() if form else None
        headers = {"Referer": url, "X-Forwarded-For": FORGED, "X-Forwarded-Proto": "http", "Forwarded": f"for={FORGED}"}
        try:
            answer = self.opener.open(urllib.request.Request(url, data, headers), timeout=90)
        except urllib.error.HTTPError as error:
            answer = error
        except urllib.error.URLError as error:  # cut by the web server, before all was sent
            return 0, {}, str(error.reason), url
        with answer:
            return answer.status, answer.headers, answer.read().decode(), answer.url

    def log_in(self, identifiant, password):
        """Open the login page, send this identifiant and password, and return the answer as `ask` does: status,
        headers, text, address.
        """
        _, _, page, _ = self.ask("/connexion/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        return self.ask("/connexion/", {"csrfmiddlewaretoken": token, "identifiant": identifiant, "password": password})


def see(what, is_so):
    """Print what was looked at, and « oui » or « NON »; exit with code 1 when it is not so."""
    print(f"  {'oui' if is_so else 'NON'}\u00a0: {what}", flush=True)
    if not is_so:
        sys.exit(1)


def main():
    """Visit the portal as a parent and as a curious one, or, without an account, while it is stopped; exit with code 1
    at the first thing that is not as it should be.
    """
    name, authority, source, *account = sys.argv[1:]
    visitor = Visitor(name, authority, source)
    if not account:
        status, headers, page, _ = visitor.ask("/agenda/jamais-ecrit-nulle-part.ics")
        told = "arrêté un moment" in page and headers["Retry-After"] == "120"
        return see("un portail arrêté est dit en français, 503", status == 503 and told)
    identifiant, password = account

    plain = http.client.HTTPConnection(name, 80, timeout=30)
    plain.request("GET", "/connexion/?a=b")
    answer = plain.getresponse()
    see(
        "http mène à https",
        answer.status in (301, 308) and answer.getheader("Location") == f"https://{name}/connexion/?a=b",
    )

    old = ssl.create_default_context(cafile=authority)
    warnings.simplefilter("ignore")  # of asking for what is to be refused
    try:
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection((name, 443), 30) as raw, old.wrap_socket(raw, server_hostname=name):
            taken = True
    except (ssl.SSLError, OSError):
        taken = False
    see("TLS 1.1 est refusé", not taken)

    status, headers, page, _ = visitor.ask("/connexion/")
    see("la page de connexion s’ouvre, certificat vérifié", status == 200 and "Identifiant" in page)
    see("HSTS n’est dit qu’une fois, par le portail", len(headers.get_all("Strict-Transport-Security")) == 1)

    status, _, page, _ = visitor.log_in(identifiant, "Mauvais-mot-2026")
    see("un mauvais mot de passe est refusé", status == 200 and "<title>Erreur" in page)
    status, _, page, url = visitor.log_in(identifiant, password)
    see("un parent entre", status == 200 and "/connexion/" not in url and "Se déconnecter" in page)
    kept = {cookie.name: cookie for cookie in visitor.cookies}
    see("sa session est un cookie __Host-, Secure", "__Host-session" in kept and kept["__Host-session"].secure)
    status, _, _, _ = visitor.ask("/agenda/jamais-ecrit-nulle-part.ics")
    see("un agenda inconnu est refusé par le portail", status == 404)
    status, _, _, _ = visitor.ask("/courriel/confirmer/jamais-ecrit-nulle-part/")
    see("une confirmation inconnue aussi", status in (200, 400, 404, 410))
    status, _, _, _ = visitor.ask("/connexion/", {"identifiant": "1" * (13 << 20)})
    see("un envoi trop gros est refusé par le serveur web", status in (413, 0))
    return None


if __name__ == "__main__":
    main()
