// Package secret keeps what must not be known (ISO/IEC 20000-1:2018, 8.7.3: information security):
// passwords, tokens, tries at signing in, and the personal parts of the history that can be erased.
//
// In: what people type, randomness, a clock, a file with the master keys outside the database.
// Out: hashes and ciphertexts that may be stored anywhere.
// Start at [Passwords] for signing in, [NewToken] for programs, [Throttle] for guessing,
// [Vault] for erasable data.
// Always true: nothing here logs, and no error holds a secret; whatever compares secrets takes the
// same time for equal and unequal; a destroyed key is gone for good.
//
// # Formats
//
// A password hash is a PHC string, $argon2id$v=19$m=KiB,t=PASSES,p=LANES$SALT$HASH, base64 without
// padding. Its parameters are read from it, so that stronger ones can be set at any time.
//
// A token is "stw_" and 32 lower case letters and digits 2 to 7 (base32 of 160 random bits). Stored
// is the SHA-256 of the whole text: with that much randomness a slow hash adds nothing.
//
// Ciphertexts are AES-256-GCM, all numbers big endian:
//
//	wrapped key:  0x01 | master key id, 8 | key id, 8 | nonce, 12 | encrypted key, 32 | tag, 16
//	sealed text:  0x02 | key id, 8                    | nonce, 12 | encrypted text    | tag, 16
//
// Associated data are everything before the nonce, then the length of the subject in 4 bytes, the
// subject, and, of a sealed text, its place. So a ciphertext opens for one subject and one place only.
//
// The file of master keys has one line per key, the current one first:
//
//	steward-master-key ID KEY
//
// with the 8 bytes of ID in hex and the 32 of KEY in base64. It is readable by its owner only.
package secret
