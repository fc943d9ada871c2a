//! Keys as people have them: the forms of other tools, and PEM that was damaged on its way. Each with what mends it.

use super::tidy::tidied;
use crate::quote;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::fmt;

/// A form in which a key cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing at all.
    Empty,
    /// `-----BEGIN OPENSSH PRIVATE KEY-----`.
    OpenSsh,
    /// `ssh-rsa …`.
    SshPublic,
    /// `ssh-ed25519 …`.
    SshEdwards,
    /// `---- BEGIN SSH2 PUBLIC KEY ----`, RFC 4716.
    Ssh2Public,
    /// `<RSAKeyValue>` with its private part.
    XmlPrivate,
    /// `<RSAKeyValue>`.
    XmlPublic,
    /// `PuTTY-User-Key-File-…`.
    Putty,
    /// Quotes around PEM.
    Quoted,
    /// Dashes that a word processor made of the hyphens.
    Typeset,
    /// A BEGIN or END line that is none.
    Dashes,
    /// PEM on one line.
    OneLine,
    /// PEM in Base64.
    EncodedTwice,
    /// Base64 without its BEGIN line.
    NoBegin,
    /// PEM without its END line; the label of the BEGIN line.
    NoEnd(String),
    /// BEGIN and END lines with different labels.
    Labels,
}

/// Which half of a key something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Private,
    Public,
}

impl Form {
    /// Which half of a key it is, and the name of the tool, where it is another tool's form.
    pub(super) const fn of_tool(&self) -> Option<(Half, &'static str)> {
        match self {
            Self::OpenSsh => Some((Half::Private, "OpenSSH")),
            Self::SshPublic | Self::SshEdwards => Some((Half::Public, "OpenSSH")),
            Self::Ssh2Public => Some((Half::Public, "SSH2")),
            Self::XmlPrivate => Some((Half::Private, ".NET's XML")),
            Self::XmlPublic => Some((Half::Public, ".NET's XML")),
            Self::Putty => Some((Half::Private, "PuTTY")),
            Self::Empty
            | Self::Quoted
            | Self::Typeset
            | Self::Dashes
            | Self::OneLine
            | Self::EncodedTwice
            | Self::NoBegin
            | Self::NoEnd(_)
            | Self::Labels => None,
        }
    }

    /// The form of another tool.
    pub(super) fn foreign(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok()?.trim();
        if text.contains("-----BEGIN OPENSSH PRIVATE KEY-----") {
            return Some(Self::OpenSsh);
        }
        if text.starts_with("ssh-ed25519 ") {
            return Some(Self::SshEdwards);
        }
        if text.starts_with("ssh-rsa ") || text.starts_with("ecdsa-sha2-") {
            return Some(Self::SshPublic);
        }
        if text.starts_with("---- BEGIN SSH2 PUBLIC KEY ----") {
            return Some(Self::Ssh2Public);
        }
        if text.starts_with("PuTTY-User-Key-File-") {
            return Some(Self::Putty);
        }
        let private = text.contains("<D>");
        text.contains("<RSAKeyValue").then_some(if private { Self::XmlPrivate } else { Self::XmlPublic })
    }

    /// What happened to a text that cannot be read, where that can be said.
    pub(super) fn damaged(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok()?.trim();
        let quotes = ['"', '\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];
        let (begin, end) = (text.contains("BEGIN "), text.contains("END "));
        if text.is_empty() {
            return Some(Self::Empty);
        }
        if begin && (text.starts_with(quotes) || text.ends_with(quotes)) {
            return Some(Self::Quoted);
        }
        if begin && text.contains(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'])
        {
            return Some(Self::Typeset);
        }
        if begin {
            return Self::of_lines(text, end);
        }
        let body: String =
            text.lines().filter(|line| !line.contains("END ")).flat_map(|line| line.split_whitespace()).collect();
        let decoded = LENIENT.decode(body.trim_end_matches('=')).ok()?;
        if tidied(&decoded).content.trim_ascii_start().starts_with(b"-----BEGIN ") {
            return Some(Self::EncodedTwice);
        }
        // DER is a SEQUENCE
        decoded.starts_with(&[0x30]).then_some(Self::NoBegin)
    }

    /// The damage to a text with a BEGIN line, good or bad.
    fn of_lines(text: &str, end: bool) -> Option<Self> {
        let first = label_of(text, "-----BEGIN ");
        let last = label_of(text, "-----END ");
        let stands_alone = |line: &str| line.starts_with("-----BEGIN ") && line.trim_end().ends_with("-----");
        match (first, last) {
            (Some(_), _) if !text.lines().any(stands_alone) || text.lines().count() == 1 => Some(Self::OneLine),
            (Some(label), None) if !end => Some(Self::NoEnd(label.to_owned())),
            (Some(_), None) | (None, _) => Some(Self::Dashes),
            (Some(first), Some(last)) => (first != last).then_some(Self::Labels),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match self {
            Self::Empty => {
                "the file is empty; a key or certificate belongs here, from its line `-----BEGIN …-----` to its line `-----END …-----`"
            }
            Self::OpenSsh => {
                "this is a private key in OpenSSH's own format; `ssh-keygen -p -m PKCS8 -N '' -f FILE` makes PEM of it, in place: work on a copy"
            }
            Self::SshPublic => {
                "this is a public key in OpenSSH's own format; `ssh-keygen -e -m PKCS8 -f FILE > public-key.pem` makes PEM of it"
            }
            Self::SshEdwards => {
                "this is an Ed25519 key of OpenSSH's, which Myinfo does not use; `openssl genrsa -out key.pem 2048` makes an RSA key"
            }
            Self::Ssh2Public => {
                "this is a public key in the format of SSH2 (RFC 4716); `ssh-keygen -i -f FILE > key.pub` and `ssh-keygen -e -m PKCS8 -f key.pub > public-key.pem` make PEM of it"
            }
            Self::XmlPrivate => {
                "this is a private key in .NET's XML (`<RSAKeyValue>`); in PowerShell 7 `$k = [Security.Cryptography.RSA]::Create(); $k.FromXmlString((Get-Content -Raw FILE)); $k.ExportPkcs8PrivateKeyPem() > key.pem` makes PEM of it"
            }
            Self::XmlPublic => {
                "this is a public key in .NET's XML (`<RSAKeyValue>`); in PowerShell 7 `$k = [Security.Cryptography.RSA]::Create(); $k.FromXmlString((Get-Content -Raw FILE)); $k.ExportSubjectPublicKeyInfoPem() > key.pem` makes PEM of it"
            }
            Self::Putty => {
                "this is a private key in PuTTY's own format; `puttygen FILE -O private-openssh -o key.pem` makes PEM of it"
            }
            Self::Quoted => "there are quotes around it; `tr -d '\"'\\' < FILE > key.pem` takes them away",
            Self::Typeset => {
                "the hyphens of its BEGIN and END lines became dashes (`–`), as word processors do it; `sed -E 's/^[^A-Z]*(BEGIN|END) ([A-Z0-9 ]*[A-Z0-9])[^A-Z0-9]*$/-----\\1 \\2-----/' FILE > key.pem` writes hyphens"
            }
            Self::Dashes => {
                "its BEGIN or END line is damaged: five hyphens stand on either side, `-----BEGIN …-----` and `-----END …-----`; `sed -E 's/^[^A-Z]*(BEGIN|END) ([A-Z0-9 ]*[A-Z0-9])[^A-Z0-9]*$/-----\\1 \\2-----/' FILE > key.pem` mends them"
            }
            Self::OneLine => {
                "its line breaks are lost; `sed -E 's/ *(-----(BEGIN|END) [A-Z0-9 ]+-----) */\\n\\1\\n/g' FILE | fold -w 64 > key.pem` brings them back"
            }
            Self::EncodedTwice => {
                "this is PEM that was encoded in Base64 once more; `base64 -d FILE > key.pem` decodes it"
            }
            Self::NoBegin => {
                "this is Base64 without its line `-----BEGIN …-----`; `grep -v -e '--' FILE | base64 -d > key.der` makes DER of it, which can be read"
            }
            Self::NoEnd(label) => {
                return write!(
                    formatter,
                    "its line `-----END {label}-----` is missing: the file was cut; copy it again or, if nothing else is missing, add the line: `printf '\\n%s\\n' '-----END {label}-----' >> FILE`"
                );
            }
            Self::Labels => {
                "its BEGIN and END lines do not name the same thing: two files were mixed; copy it again from its source"
            }
        };
        formatter.write_str(says)
    }
}

/// The label behind the first such beginning of a line.
pub(super) fn label_of<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    labels(text, start).next()
}

/// The labels behind each such beginning of a line, as far as they are labels.
pub(super) fn labels<'t>(text: &'t str, start: &str) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).filter_map(|rest| quote::label(rest.split_once("-----")?.0))
}

/// Base64 with or without its padding, and with bits left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
