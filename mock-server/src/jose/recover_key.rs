//! Which keys a signature can be by: ECDSA gives back two public keys, one of which signed, where the text is the right one.

use super::ec::{Curve, EcPublic};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcKey, EcPoint};
use openssl::error::ErrorStack;

/// The keys with which a JWS signature (r and s side by side) over a text verifies; none where there is none. SEC 1, §4.1.6,
/// without the cases in which r is smaller than the difference of field and order: one of 2¹²⁸ signatures.
pub(crate) fn signers(curve: Curve, text: &[u8], signature: &[u8]) -> Vec<EcPublic> {
    if signature.len() != 2 * curve.bytes() {
        return Vec::new();
    }
    let of = |sign| signer(curve, text, signature.split_at(curve.bytes()), sign).ok();
    // the two points that have r as their first coordinate
    [0x02, 0x03].into_iter().filter_map(of).collect()
}

/// Q = r⁻¹ (s R − e G), where R is the point with r as first coordinate and this sign.
fn signer(curve: Curve, text: &[u8], (r, s): (&[u8], &[u8]), sign: u8) -> Result<EcPublic, ErrorStack> {
    let (group, mut context) = (curve.group()?, BigNumContext::new()?);
    let point = EcPoint::from_bytes(group, &[&[sign][..], r].concat(), &mut context)?;
    let (mut order, mut inverse) = (BigNum::new()?, BigNum::new()?);
    group.order(&mut order, &mut context)?;
    inverse.mod_inverse(&*BigNum::from_slice(r)?, &order, &mut context)?;
    let (mut of_point, mut of_generator, mut negative) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
    of_point.mod_mul(&*BigNum::from_slice(s)?, &inverse, &order, &mut context)?;
    let digest = BigNum::from_slice(&curve.hash(text))?;
    of_generator.mod_mul(&digest, &inverse, &order, &mut context)?;
    negative.mod_sub(&*BigNum::from_u32(0)?, &of_generator, &order, &mut context)?;
    let mut public = EcPoint::new(group)?;
    public.mul_full(group, &negative, &point, &of_point, &mut context)?;
    let key = EcKey::from_public_key(group, &public)?;
    key.check_key()?;
    EcPublic::of(curve, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::ec::EcPrivate;
    use crate::jose::ec::raw_signature;
    use myinfo_fixtures::keys::ec;

    #[test]
    fn one_of_the_two_keys_signed_and_both_verify() {
        for kid in ["client-sig-p256", "client-sig-p384", "client-sig-p521"] {
            let private = EcPrivate::from_jwk(ec::private(kid).unwrap().as_object().unwrap()).unwrap();
            let key = private.any_kind().unwrap().ec_key().unwrap();
            let signature = raw_signature(private.curve, &key, b"a text").unwrap();
            let found = signers(private.curve, b"a text", &signature);
            assert_eq!(found.len(), 2, "{kid}");
            assert!(found.iter().all(|key| key.verifies(b"a text", &signature)));
            let right = private.public().unwrap().thumbprint().unwrap();
            assert_eq!(found.iter().filter(|key| key.thumbprint().unwrap() == right).count(), 1, "{kid}");
        }
    }

    #[test]
    fn what_is_no_signature_is_by_nobody() {
        for signature in [&[][..], &[0; 64], &[1; 63], &[0xff; 64], &[0xff; 132]] {
            assert!(signers(Curve::P256, b"a text", signature).is_empty(), "{signature:?}");
        }
    }
}
