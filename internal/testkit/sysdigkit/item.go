package sysdigkit

import (
	"bytes"
	"encoding/json"
)

// Item is one container of a workload, in the form and key order of the wire.
type Item struct {
	Namespace    string    `json:"namespace"`
	WorkloadKind string    `json:"workloadKind"` // lower case: "deployment"
	WorkloadName string    `json:"workloadName"`
	Container    string    `json:"container"`
	ImageID      string    `json:"imageID"` // mostly the digest of the image configuration
	Packages     []Package `json:"packages"`
}

// Package is one package seen loaded. Make it with OSPackage or AppPackage.
type Package struct {
	purl, name, version string
	source              string
	family, osVersion   string
	appType             string // empty for an OS package
}

// OSPackage returns a package of a distribution: family and osVersion as
// "debian" and "12.5", version with its epoch, source as the source package.
// Its package URL keeps ':', '+' and '~' as they are and the epoch within the version.
func OSPackage(family, osVersion, name, version, source string) Package {
	kind := map[string]string{"debian": "deb", "ubuntu": "deb", "alpine": "apk"}[family]
	if kind == "" {
		kind = "rpm"
	}
	return Package{
		purl: "pkg:" + kind + "/" + family + "/" + name + "@" + version + "?distro=" + family + "-" + osVersion,
		name: name, version: version, source: source, family: family, osVersion: osVersion,
	}
}

// AppPackage returns a package of a language; kind is its package URL type: "npm", "golang".
func AppPackage(kind, name, version string) Package {
	return Package{purl: "pkg:" + kind + "/" + name + "@" + version, name: name, version: version, appType: kind}
}

// MarshalJSON writes the eight keys of an OS package or the five of an
// application package, in the order of the wire.
func (p Package) MarshalJSON() ([]byte, error) {
	if p.appType != "" {
		return marshal(struct {
			PURL      string `json:"purl"`
			Name      string `json:"name"`
			Version   string `json:"version"`
			Installed bool   `json:"installedViaPackageManager"`
			Type      string `json:"type"`
		}{p.purl, p.name, p.version, false, p.appType})
	}
	return marshal(struct {
		PURL      string `json:"purl"`
		Name      string `json:"name"`
		Version   string `json:"version"`
		Installed bool   `json:"installedViaPackageManager"`
		SrcName   string `json:"srcName"`
		OSFamily  string `json:"osFamily"`
		OSVersion string `json:"osVersion"`
		Arch      string `json:"arch"`
	}{p.purl, p.name, p.version, true, p.source, p.family, p.osVersion, ""})
}

// marshal is json.Marshal without the escapes meant for HTML pages, which no real answer has.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
