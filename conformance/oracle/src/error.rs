//! Every way in which a key, a signature or an encrypted text can be refused, each with a stable code.

/// Why the oracle could not read, open, verify or make something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OracleError {
    /// A text that is not written as the documents say; it says how.
    #[error("{0}")]
    Malformed(String),
    /// A compact JWS or JWE with too few or too many parts.
    #[error("a {what} has {expected} parts, this has {found}")]
    Parts {
        /// `JWS` or `JWE`.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// RFC 7515 §2: base64url without padding.
    #[error("not base64url: {0}")]
    Base64url(String),
    /// The bytes are no text.
    #[error("not UTF-8")]
    NotUtf8,
    /// RFC 7515 §4, RFC 7516 §4: the header is a JSON object.
    #[error("the header is no JSON object")]
    HeaderNotObject,
    /// A member that must be there.
    #[error("`{0}` is missing or no text")]
    Member(&'static str),
    /// RFC 7515 §4.1.11, RFC 7516 §4.1.13: an extension that is not understood.
    #[error("`crit` names what is not understood")]
    Crit,
    /// RFC 7516 §4.1.3: compression, which nobody in these profiles uses.
    #[error("`zip` is not accepted")]
    Zip,
    /// The algorithm in the header is not the one that the key is for, or none that is known.
    #[error("`alg` is {found}, expected {expected}")]
    Alg {
        /// What was expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A content encryption that is not known.
    #[error("`enc` is {0}")]
    Enc(String),
    /// RFC 7517 §4.1.
    #[error("`kty` is {0}")]
    KeyType(String),
    /// RFC 7518 §6.2.1.1: `P-256`, `P-384` or `P-521`.
    #[error("`crv` is {0}")]
    Curve(String),
    /// RFC 7518 §6.2.1.2 and §6.2.2.1: the full length, with leading zeros.
    #[error("`{name}` has {found} bytes, expected {expected}")]
    MemberLength {
        /// `x`, `y` or `d`.
        name: &'static str,
        /// The length for this curve.
        expected: usize,
        /// The length there.
        found: usize,
    },
    /// A coordinate that is no element of the field: SEC 1 §2.3.5.
    #[error("`{0}` is not below the curve's prime")]
    CoordinateOutOfRange(&'static str),
    /// SEC 1 §3.2.2.1: the coordinates do not satisfy the curve's equation.
    #[error("the point is not on the curve")]
    OffCurve,
    /// SEC 1 §3.2.1: 0, or not below the curve's order.
    #[error("`d` is not between 1 and the curve's order")]
    PrivateOutOfRange,
    /// `d` belongs to another point than `x` and `y`.
    #[error("`d` does not belong to `x` and `y`")]
    PrivateMismatch,
    /// RFC 7518 §4.6.1.1, RFC 9449 §4.2: a private part where only a public key may stand.
    #[error("a public key has a private part")]
    PrivatePart,
    /// A PEM that holds no key of the three curves.
    #[error("no PEM of a key on P-256, P-384 or P-521")]
    NotAKey,
    /// No key of the set has this id.
    #[error("no key of the set has the id {0}")]
    KeyUnknown(String),
    /// RFC 7518 §3.4: r and s, each with the length of the order.
    #[error("the signature has {found} bytes, expected {expected}")]
    SignatureLength {
        /// The length for this curve.
        expected: usize,
        /// The length there.
        found: usize,
    },
    /// The signature is the ASN.1 sequence that X.509 uses.
    #[error("the signature is DER, not r and s side by side")]
    SignatureIsDer,
    /// r or s is 0 or not below the order: FIPS 186-5 §6.4.2.
    #[error("r or s of the signature is out of range")]
    SignatureOutOfRange,
    /// The signature is not over this text or not by this key.
    #[error("the signature is not by this key")]
    Signature,
    /// RFC 7518 §4.6.1: the ephemeral key is on the curve of the recipient's key.
    #[error("`epk` is on {found}, the key on {expected}")]
    EpkCurve {
        /// The recipient's curve.
        expected: &'static str,
        /// The ephemeral key's curve.
        found: &'static str,
    },
    /// RFC 3394 §2.2.1: eight bytes more than the content key; none where the key is agreed directly.
    #[error("the encrypted key has {found} bytes, expected {expected}")]
    WrappedKeyLength {
        /// The length for this content encryption.
        expected: usize,
        /// The length there.
        found: usize,
    },
    /// RFC 3394 §2.2.3: the integrity check of the key wrap, or the padding of RSA-OAEP.
    #[error("the content key is not encrypted for this key")]
    WrappedKey,
    /// The content key has not the size that `enc` says.
    #[error("the content key has {found} bytes, expected {expected}")]
    ContentKeyLength {
        /// The length for this content encryption.
        expected: usize,
        /// The length there.
        found: usize,
    },
    /// RFC 7518 §5.2 and §5.3: 128 or 96 bits.
    #[error("the IV has {found} bytes, expected {expected}")]
    IvLength {
        /// The length for this content encryption.
        expected: usize,
        /// The length there.
        found: usize,
    },
    /// RFC 7518 §5.2 and §5.3: never shortened.
    #[error("the tag has {found} bytes, expected {expected}")]
    TagLength {
        /// The length for this content encryption.
        expected: usize,
        /// The length there.
        found: usize,
    },
    /// The content was changed, or is under another key.
    #[error("the tag does not fit the ciphertext and header")]
    Tag,
    /// RFC 7518 §5.2.2.2: the padding of CBC, behind a tag that fits.
    #[error("the padding is broken")]
    Padding,
    /// The cipher itself refused, for example because the text is too long.
    #[error("the cipher did not encrypt")]
    Cipher,
    /// RFC 9449 §4.2: `typ` is `dpop+jwt`.
    #[error("`typ` is not {0}")]
    Typ(&'static str),
}

impl OracleError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Malformed(message.into())
    }

    /// The error in one stable word, which the vectors name as the flaw of what must be refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Parts { .. } => "parts",
            Self::Base64url(_) => "base64url",
            Self::NotUtf8 => "not-utf8",
            Self::HeaderNotObject => "header-not-object",
            Self::Member(_) => "member",
            Self::Crit => "crit",
            Self::Zip => "zip",
            Self::Alg { .. } => "alg",
            Self::Enc(_) => "enc",
            Self::KeyType(_) => "key-type",
            Self::Curve(_) => "curve",
            Self::MemberLength { .. } => "member-length",
            Self::CoordinateOutOfRange(_) => "coordinate-out-of-range",
            Self::OffCurve => "off-curve",
            Self::PrivateOutOfRange => "private-out-of-range",
            Self::PrivateMismatch => "private-mismatch",
            Self::PrivatePart => "private-part",
            Self::NotAKey => "not-a-key",
            Self::KeyUnknown(_) => "key-unknown",
            Self::SignatureLength { .. } => "signature-length",
            Self::SignatureIsDer => "signature-is-der",
            Self::SignatureOutOfRange => "signature-out-of-range",
            Self::Signature => "signature",
            Self::EpkCurve { .. } => "epk-curve",
            Self::WrappedKeyLength { .. } => "wrapped-key-length",
            Self::WrappedKey => "wrapped-key",
            Self::ContentKeyLength { .. } => "content-key-length",
            Self::IvLength { .. } => "iv-length",
            Self::TagLength { .. } => "tag-length",
            Self::Tag => "tag",
            Self::Padding => "padding",
            Self::Cipher => "cipher",
            Self::Typ(_) => "typ",
        }
    }
}
