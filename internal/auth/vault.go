package auth

// The keys that secrets.keeper can name without a build tag: in the key file's own format
// (base64key://) and in HashiCorp Vault. Vault's client adds 1.2 MB to the program; those
// of the clouds add 9.5 MB, see cloudkms.go.
import _ "gocloud.dev/secrets/hashivault"
