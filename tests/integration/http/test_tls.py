"""Certificates: shown, checked, renewed."""

import socket
import ssl
from pathlib import Path

import pytest
import trustme

from runyard.entrypoints.client.trust import NotTrusted, context_of, first_certificate
from runyard.entrypoints.library import RunyardClientError, connect
from runyard.entrypoints.serving import Manners
from runyard.entrypoints.tls import Certificate, WrongCertificate
from tests.unit.entrypoints.http.house import TOKEN

from .served import served


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


class Files:
    """A certificate and its key, in files that are written again."""

    def __init__(self, folder: Path, authority: trustme.CA) -> None:
        self.cert, self.key, self.ca = folder / "cert", folder / "key", folder / "ca"
        authority.cert_pem.write_to_path(self.ca)
        self._authority = authority
        self.issue("localhost")

    def issue(self, *names: str) -> None:
        issued = self._authority.issue_cert(*names)
        self.cert.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(self.key)
        self.key.chmod(0o600)


@pytest.fixture
def files(tmp_path, authority) -> Files:
    return Files(tmp_path, authority)


@pytest.fixture
def running(files):
    certificate = Certificate(files.cert, files.key)
    with served(manners=Manners(certificate=certificate)) as server:
        yield server, certificate


@pytest.fixture
def encrypted(running):
    return running[0]


def shown(port: int, ca: Path, *, name: str = "localhost", **wanted: ssl.TLSVersion) -> tuple[str | None, object]:
    """The version that is spoken, and for which names the certificate was made."""
    context = ssl.create_default_context(cafile=str(ca))
    for side, version in wanted.items():
        setattr(context, side, version)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as raw,
        context.wrap_socket(raw, server_hostname=name) as connection,
    ):
        certificate = connection.getpeercert() or {}
        return connection.version(), certificate["subjectAltName"]


def test_a_client_that_knows_the_authority_is_served(encrypted, files) -> None:
    with connect(f"https://localhost:{encrypted.port}", token=TOKEN, ca_file=files.ca) as yard:
        assert yard.get(yard.submit(["true"]).id).state == "queued"


def test_a_client_that_expects_one_certificate_takes_no_other_not_even_of_the_same_authority(
    encrypted, files, authority
) -> None:
    here, other = (context_of(first_certificate(str(file)), None) for file in (files.cert, written(files, authority)))

    def greeted(context: object) -> str | None:
        assert isinstance(context, ssl.SSLContext)
        with (
            socket.create_connection(("127.0.0.1", encrypted.port), timeout=60) as raw,
            context.wrap_socket(raw, server_hostname="any.example.org") as connection,
        ):
            return connection.version()

    assert greeted(here) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(other)


def written(files: Files, authority: trustme.CA) -> Path:
    """Another one for the same name, its authority behind it in the file."""
    file = files.cert.with_name("other")
    file.write_bytes(authority.issue_cert("localhost").cert_chain_pems[0].bytes() + authority.cert_pem.bytes())
    return file


def test_one_that_does_not_says_what_to_do(encrypted) -> None:
    with (
        connect(f"https://localhost:{encrypted.port}", token=TOKEN) as yard,
        pytest.raises(NotTrusted, match="cannot prove") as refused,
    ):
        yard.submit(["true"])
    assert "RUNYARD_CA_FILE" in refused.value.advice


def test_so_does_one_that_calls_it_by_another_name(encrypted, files) -> None:
    with (
        connect(f"https://127.0.0.1:{encrypted.port}", token=TOKEN, ca_file=files.ca) as yard,
        pytest.raises(NotTrusted, match=r"127\.0\.0\.1"),
    ):
        yard.submit(["true"])


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_is_none_is_named(tmp_path, content) -> None:
    file = tmp_path / "ca"
    if content is not None:
        file.write_text(content)

    with pytest.raises(RunyardClientError, match=f"{file} cannot be used"):
        connect("https://localhost:1", token=TOKEN, ca_file=file)


def test_nothing_older_than_tls_1_2_is_spoken(encrypted, files) -> None:
    assert shown(encrypted.port, files.ca)[0] == "TLSv1.3"
    assert shown(encrypted.port, files.ca, maximum_version=ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises((ssl.SSLError, ConnectionResetError)):
        shown(
            encrypted.port,
            files.ca,
            minimum_version=ssl.TLSVersion.TLSv1,
            maximum_version=ssl.TLSVersion.TLSv1_1,
        )


def test_who_speaks_no_tls_is_not_answered_and_the_server_goes_on(encrypted, files) -> None:
    with encrypted.raw() as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in connection.recv(65536)

    assert shown(encrypted.port, files.ca)


def test_a_new_certificate_is_shown_without_a_restart_and_a_broken_one_is_not(running, files) -> None:
    encrypted, certificate = running
    files.issue("localhost", "new.example.org")
    assert shown(encrypted.port, files.ca)[1] == (("DNS", "localhost"),)
    certificate.renew()
    assert shown(encrypted.port, files.ca)[1] == (("DNS", "localhost"), ("DNS", "new.example.org"))

    files.cert.write_text("half a certif")
    with pytest.raises(WrongCertificate):
        certificate.renew()
    assert shown(encrypted.port, files.ca)[1] == (("DNS", "localhost"), ("DNS", "new.example.org"))


def test_what_cannot_be_used_is_named_with_its_variable(files, tmp_path, authority) -> None:
    other = authority.issue_cert("other")
    other.private_key_pem.write_to_path(tmp_path / "other.key")
    encrypted_key = tmp_path / "locked"
    encrypted_key.write_bytes(_locked(files.key.read_bytes()))

    for cert, key, said in [
        (tmp_path / "none", files.key, "RUNYARD_TLS_CERT: .*none cannot be read: No such file"),
        (files.cert, tmp_path, "RUNYARD_TLS_KEY: .* cannot be read: Is a directory"),
        (files.cert, tmp_path / "other.key", "must be a certificate and its key"),
        (files.key, files.cert, "must be a certificate and its key"),
        (files.cert, encrypted_key, "the key is encrypted"),
    ]:
        with pytest.raises(WrongCertificate, match=said):
            Certificate(cert, key)


def test_a_key_that_everybody_may_read_is_refused(files) -> None:
    files.key.chmod(0o640)
    Certificate(files.cert, files.key)
    files.key.chmod(0o604)

    with pytest.raises(WrongCertificate, match="every account here may read"):
        Certificate(files.cert, files.key)


def _locked(pem: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization as s  # noqa: PLC0415 - what trustme makes keys with

    key = s.load_pem_private_key(pem, None)
    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"secret"))
