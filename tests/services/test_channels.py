"""Where incidents are told: what is no address is refused without repeating it, and private places are not reached."""

import socket
from pathlib import Path

import pytest

from services import channels, outgoing, settings
from services.outgoing import NotSent
from services.settings import WrongSettings
from tests import receivers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY_URL", "http://hooks.example.com/s3cret"),
        ("NOTIFY_URL", "https://u:s3cret@hooks.example.com/"),
        ("NOTIFY_URL", "file:///s3cret"),
        ("NOTIFY_URL", "https://hooks.example.com/a b#s3cret"),
        ("NOTIFY_URL", "https://hooks.example.com:99999/s3cret"),
        ("NOTIFY_URL", "https://hooks.example.com/s3cret\r\nX: y"),
        ("SMTP_URL", "http://u:s3cret@mail.example.com"),
        ("SMTP_URL", "smtp://u:s3cret@"),
        ("SMTP_URL", "smtp://s3cret@mail.example.com"),
        ("SMTP_URL", "smtp://u:s3cret%0d%0aRSET@mail.example.com"),
        ("SMTP_URL", "smtp://u:s3cret@mail.example.com/path"),
        ("SMTP_URL", "smtp://u:s3cret@mail.example.com?from=a@b,c@d"),
        ("NOTIFY_EMAIL", "s3cret"),
        ("NOTIFY_EMAIL", "a@example.com\nBcc: s3cret@example.com"),
        ("NOTIFY_EMAIL", "Ops <s3cret@example.com>"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    settings_of_test: pytest.MonkeyPatch, name: str, value: str
) -> None:
    settings_of_test.setenv(f"PATCHBAY_{name}", value)
    with pytest.raises(WrongSettings, match=f"PATCHBAY_{name} must") as caught:
        settings.load()
    assert "s3cret" not in str(caught.value)


def test_settings_never_show_where_the_messages_go(settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_NOTIFY_URL", "https://hooks.example.com/s3cret")
    settings_of_test.setenv("PATCHBAY_SMTP_URL", "smtp://u:s3cret@mail.example.com")
    settings_of_test.setenv("PATCHBAY_NOTIFY_EMAIL", " a@example.com,b@example.com, a@example.com ")
    chosen = settings.load()
    assert "s3cret" not in repr(chosen) + repr(channels.hook("https://hooks.example.com/s3cret"))
    assert chosen.notify_email == "a@example.com, b@example.com"


@pytest.mark.parametrize(
    ("url", "port", "tls", "sender"),
    [
        ("smtp://mail.example.com", 587, "asked for", None),
        ("smtps://mail.example.com", 465, "at once", None),
        ("smtp://a%40example.com:p%3aw@mail.example.com:2525", 2525, "asked for", "a@example.com"),
        ("smtp://key:pw@mail.example.com/?from=ops@example.com", 587, "asked for", "ops@example.com"),
    ],
)
def test_a_mail_server_is_read(url: str, port: int, tls: str, sender: str | None) -> None:
    found = channels.mail_server(url)
    assert (found.host, found.port, found.tls, found.sender) == ("mail.example.com", port, tls, sender)


PRIVATE = (
    *("10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1"),
    *("::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fec0::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_web_hook_whose_name_leads_into_a_private_network_gets_nothing(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: [place])
    with pytest.raises(NotSent, match=r"hooks\.example\.com is an address inside a private network"):
        outgoing.post(channels.hook("https://hooks.example.com/x"), {}, delivery="1")


def test_a_name_of_this_machine_that_leads_elsewhere_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: [place])
    with pytest.raises(NotSent):
        outgoing.post(channels.hook("http://localhost/x"), {}, delivery="1")


def test_a_server_that_drips_is_cut_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "WHOLE", 0.3)
    with receivers.dripping() as port:
        with pytest.raises(NotSent) as caught:
            outgoing.post(channels.hook(f"http://127.0.0.1:{port}/x"), {}, delivery="1")
        assert caught.value.perhaps
        with pytest.raises(NotSent):
            outgoing.sign_in(channels.mail_server(f"smtp://127.0.0.1:{port}"))


def test_a_password_is_never_sent_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "is_loopback", lambda _host: False)
    with receivers.mailbox() as mailbox:
        with pytest.raises(NotSent, match="offers no encryption"):
            outgoing.sign_in(channels.mail_server(mailbox.url))
        assert [asked.split()[0].upper() for asked in mailbox.asked] == ["EHLO"]


def test_a_password_travels_only_to_who_proves_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    context = receivers.certified(tmp_path)
    monkeypatch.setattr(outgoing, "is_loopback", lambda _host: False)
    with receivers.mailbox(context) as mailbox:
        server = channels.mail_server(mailbox.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(NotSent, match="certificate"):
            outgoing.sign_in(server)
        assert [asked.split()[0].upper() for asked in mailbox.asked] == ["EHLO", "STARTTLS"]

        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        outgoing.mail(server, ("ops@example.com",), "Subject", "Text", message_id="1@localhost")
        assert len(mailbox.letters) == 1
        with pytest.raises(NotSent, match="certificate"):
            outgoing.sign_in(channels.mail_server(mailbox.url))


def test_a_web_hook_must_prove_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with receivers.hook(receivers.certified(tmp_path)) as hook:
        there = channels.hook(f"https://localhost:{hook.port}/hook")
        with pytest.raises(NotSent, match="certificate"):
            outgoing.post(there, {}, delivery="1")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        outgoing.post(there, {"text": "Grüße"}, delivery="1")
    assert [told["text"] for told in hook.told] == ["Grüße"]
