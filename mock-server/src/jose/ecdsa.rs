//! ECDSA signatures whose nonce follows from key and text: the same text has the same signature. RFC 6979.
//!
//! OpenSSL 3.0 signs with a nonce of its own alone, and a run that is to be repeated can have none.

use super::ec::Curve;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroupRef, EcKeyRef, EcPoint};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

/// A JWS signature over a text: r and s side by side, each as long as a coordinate. RFC 7518 §3.4.
pub(super) fn repeated(curve: Curve, key: &EcKeyRef<Private>, text: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let signing = Signing::new(curve, key, BigNum::from_slice(&curve.hash(text))?)?;
    let mut nonces = Nonces::new(&signing)?;
    loop {
        // the next one is needed as good as never
        let nonce = nonces.next()?;
        if let Some(signature) = signing.with(&nonce)? {
            return Ok(signature);
        }
    }
}

/// One signature to be made.
struct Signing<'k> {
    curve: Curve,
    group: &'static EcGroupRef,
    order: BigNum,
    secret: &'k BigNumRef,
    /// No digest here has more bits than the order of its curve, so it is a number as it stands. §2.3.2.
    digest: BigNum,
}

impl<'k> Signing<'k> {
    fn new(curve: Curve, key: &'k EcKeyRef<Private>, digest: BigNum) -> Result<Self, ErrorStack> {
        let group = curve.group()?;
        let mut order = BigNum::new()?;
        group.order(&mut order, &mut *BigNumContext::new()?)?;
        Ok(Self { curve, group, order, secret: key.private_key(), digest })
    }

    fn padded(&self, number: &BigNumRef) -> Result<Vec<u8>, ErrorStack> {
        number.to_vec_padded(i32::try_from(self.curve.bytes()).unwrap_or_default())
    }

    /// The signature with this nonce, where it makes one. FIPS 186-5, 6.4.1.
    fn with(&self, nonce: &BigNumRef) -> Result<Option<Vec<u8>>, ErrorStack> {
        let mut context = BigNumContext::new()?;
        if nonce.num_bits() == 0 || *nonce >= *self.order {
            return Ok(None);
        }
        let (mut point, mut x, mut y) = (EcPoint::new(self.group)?, BigNum::new()?, BigNum::new()?);
        point.mul_generator2(self.group, nonce, &mut context)?;
        point.affine_coordinates(self.group, &mut x, &mut y, &mut context)?;
        let (mut r, mut product, mut sum) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        r.nnmod(&x, &self.order, &mut context)?;
        product.mod_mul(&r, self.secret, &self.order, &mut context)?;
        sum.mod_add(&product, &self.digest, &self.order, &mut context)?;
        let (mut inverse, mut s) = (BigNum::new()?, BigNum::new()?);
        inverse.mod_inverse(nonce, &self.order, &mut context)?;
        s.mod_mul(&inverse, &sum, &self.order, &mut context)?;
        if r.num_bits() == 0 || s.num_bits() == 0 {
            return Ok(None);
        }
        Ok(Some([self.padded(&r)?, self.padded(&s)?].concat()))
    }
}

/// The nonces of a signature, one after the other. §3.2.
struct Nonces {
    curve: Curve,
    key: Vec<u8>,
    value: Vec<u8>,
    /// How many bits the order of the curve has.
    bits: i32,
}

impl Nonces {
    fn new(signing: &Signing<'_>) -> Result<Self, ErrorStack> {
        let size = digest(signing.curve).size();
        let mut reduced = BigNum::new()?;
        reduced.nnmod(&signing.digest, &signing.order, &mut *BigNumContext::new()?)?;
        let seed = [signing.padded(signing.secret)?, signing.padded(&reduced)?].concat();
        let (curve, bits) = (signing.curve, signing.order.num_bits());
        let mut nonces = Self { curve, key: vec![0; size], value: vec![1; size], bits };
        // steps d to g
        nonces.stir(0, &seed)?;
        nonces.stir(1, &seed)?;
        Ok(nonces)
    }

    /// Step h.
    fn next(&mut self) -> Result<BigNum, ErrorStack> {
        let mut text = Vec::new();
        while text.len() < self.curve.bytes() {
            self.value = self.hmac(&[&self.value])?;
            text.extend(&self.value);
        }
        text.truncate(self.curve.bytes());
        let whole = BigNum::from_slice(&text)?;
        let mut nonce = BigNum::new()?;
        // the leftmost bits, as many as the order has
        nonce.rshift(&whole, i32::try_from(text.len() * 8).unwrap_or_default() - self.bits)?;
        nonce.set_const_time();
        // for the one after it
        self.stir(0, &[])?;
        Ok(nonce)
    }

    fn stir(&mut self, mark: u8, seed: &[u8]) -> Result<(), ErrorStack> {
        self.key = self.hmac(&[&self.value, &[mark], seed])?;
        self.value = self.hmac(&[&self.value])?;
        Ok(())
    }

    fn hmac(&self, parts: &[&[u8]]) -> Result<Vec<u8>, ErrorStack> {
        Signer::new(digest(self.curve), &*PKey::hmac(&self.key)?)?.sign_oneshot_to_vec(&parts.concat())
    }
}

/// The hash of the curve's signature algorithm. §3.2 takes the same for the nonce.
fn digest(curve: Curve) -> MessageDigest {
    match curve {
        Curve::P256 => MessageDigest::sha256(),
        Curve::P384 => MessageDigest::sha384(),
        Curve::P521 => MessageDigest::sha512(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::ec::EcKey;

    /// RFC 6979, A.2.5 to A.2.7, for the text `sample` and each curve's own hash: secret, r, s.
    const VECTORS: [(Curve, &str, &str, &str); 3] = [
        (
            Curve::P256,
            "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            Curve::P384,
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
            "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
            "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
        ),
        (
            Curve::P521,
            "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
            "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
            "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
        ),
    ];

    #[test]
    fn the_published_signatures_are_made() {
        for (curve, secret, r, s) in VECTORS {
            let (group, secret) = (curve.group().unwrap(), BigNum::from_hex_str(secret).unwrap());
            let mut point = EcPoint::new(group).unwrap();
            point.mul_generator2(group, &secret, &mut BigNumContext::new().unwrap()).unwrap();
            let key = EcKey::from_private_components(group, &secret, &point).unwrap();
            let signature = repeated(curve, &key, b"sample").unwrap();
            let (found_r, found_s) = signature.split_at(curve.bytes());
            for (found, expected) in [(found_r, r), (found_s, s)] {
                assert_eq!(BigNum::from_slice(found).unwrap(), BigNum::from_hex_str(expected).unwrap(), "{curve:?}");
            }
        }
    }
}
