//go:build cloudkms

package auth

// The keys of AWS, Google Cloud and Azure, for "go build -tags cloudkms".
import (
	_ "gocloud.dev/secrets/awskms"
	_ "gocloud.dev/secrets/azurekeyvault"
	_ "gocloud.dev/secrets/gcpkms"
)
