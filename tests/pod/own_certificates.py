"""Keys and certificates that the tests make themselves: for the authority's own server, to upload, and to put into wrong chains."""
import base64
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def new_key(bits=0):
    """ECDSA P-256, or RSA with so many bits."""
    return rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def certificate_pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def read(pem):
    """The certificates of a PEM text."""
    end = "-----END CERTIFICATE-----"
    return [x509.load_pem_x509_certificate((part + end + "\n").encode()) for part in pem.split(end)[:-1]]


def names_of(certificate):
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted([*found.get_values_for_type(x509.DNSName), *(str(one) for one in found.get_values_for_type(x509.IPAddress))])


def fingerprint(certificate):
    return certificate.fingerprint(hashes.SHA256()).hex()


def certificate_id(certificate):
    """What renewalInfo calls it (RFC 9773 section 4.1)."""
    def text(octets):
        return base64.urlsafe_b64encode(octets).decode().rstrip("=")

    issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    serial = certificate.serial_number
    return text(issuer) + "." + text(serial.to_bytes(serial.bit_length() // 8 + 1, "big"))


def general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Signer:
    """A certificate authority: a root, or an intermediate of `issuer`. `key` instead of a new one makes two of the same name and key."""

    def __init__(self, name, issuer=None, key=None):
        self.key = key or new_key()
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.issuer = issuer
        signer = issuer or self
        self.certificate = (self.builder(signer, self.name, self.key, -DAY, 3650 * DAY)
                            .add_extension(x509.BasicConstraints(True, None), True)
                            .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), True)
                            .sign(signer.key, hashes.SHA256()))
        self.pem = certificate_pem(self.certificate)

    @staticmethod
    def builder(signer, subject, key, begins, ends):
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(signer.name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now + begins).not_valid_after(now + ends)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), False))

    def sign(self, names, key=None, begins=-DAY, ends=60 * DAY, must_staple=False, responder=""):
        """A server's certificate and its key, both PEM."""
        key = key or new_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = (self.builder(self, subject, key, begins, ends)
                   .add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), False)
                   .add_extension(x509.BasicConstraints(False, None), True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
        if must_staple:
            builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)
        if responder:
            builder = builder.add_extension(x509.AuthorityInformationAccess(
                [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder))]), False)
        return certificate_pem(builder.sign(self.key, hashes.SHA256())), key_pem(key)
