package sysdig

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Custom is the region whose address is given outright: Sysdig on premises, or a host not listed.
const Custom = "custom"

// Region is a place where Sysdig is run, with the host that serves the older API.
type Region struct {
	Name  string `json:"name"`           // as in the agent's settings: "us2"
	Place string `json:"place"`          // for people: "Oregon"
	Host  string `json:"host,omitempty"` // empty for Custom
}

// regions are those of Sysdig's Helm charts (sysdiglabs/charts, charts/shield/templates/common/_regions.tpl).
var regions = []Region{
	{"us1", "US East (N. Virginia)", "secure.sysdig.com"},
	{"us2", "US West (Oregon)", "us2.app.sysdig.com"},
	{"us3", "US West (Google Cloud)", "app.us3.sysdig.com"},
	{"us4", "US (Dallas, Google Cloud)", "app.us4.sysdig.com"},
	{"eu1", "Europe (Frankfurt)", "eu1.app.sysdig.com"},
	{"eu2", "Europe (Stockholm)", "app.eu2.sysdig.com"},
	{"au1", "Australia (Sydney)", "app.au1.sysdig.com"},
	{"in1", "India (Mumbai)", "app.in1.sysdig.com"},
	{"jp1", "Japan (Tokyo)", "app.jp1.sysdig.com"},
	{"me2", "Middle East (Dammam)", "app.me2.sysdig.com"},
}

// ibmLocations are the locations of Sysdig as sold by IBM.
var ibmLocations = []struct{ name, place string }{
	{"au-syd", "Sydney"}, {"br-sao", "São Paulo"}, {"ca-mon", "Montreal"}, {"ca-tor", "Toronto"},
	{"eu-de", "Frankfurt"}, {"eu-gb", "London"}, {"in-che", "Chennai"}, {"in-mum", "Mumbai"},
	{"jp-osa", "Osaka"}, {"jp-tok", "Tokyo"}, {"us-east", "Washington DC"}, {"us-south", "Dallas"},
}

const ibmDomain = ".security-compliance-secure.cloud.ibm.com"

// Regions lists every region to choose from: Sysdig's own, IBM Cloud's with their
// private end points, and Custom last.
func Regions() []Region {
	out := make([]Region, 0, len(regions)+2*len(ibmLocations)+1)
	out = append(out, regions...)
	for _, l := range ibmLocations {
		out = append(out,
			Region{l.name + "-secure", "IBM Cloud " + l.place, l.name + ibmDomain},
			Region{l.name + "-private-secure", "IBM Cloud " + l.place + ", private network", "private." + l.name + ibmDomain})
	}
	return append(out, Region{Name: Custom, Place: "another address, on premises for example"})
}

// LookupRegion finds a region by name, in any case. "us2-alt", where agents use
// another collector, is us2; IBM's "eu-de-monitor" and "eu-de" are eu-de-secure. A name that is
// not known is Invalid.
func LookupRegion(name string) (Region, error) {
	key := strings.ToLower(strings.TrimSpace(name))
	all := Regions()
	find := func(key string) (Region, bool) {
		for _, r := range all {
			if r.Name == key {
				return r, true
			}
		}
		return Region{}, false
	}
	if r, ok := find(key); ok {
		return r, nil
	}
	if base, ok := strings.CutSuffix(key, "-alt"); ok {
		for _, r := range regions {
			if r.Name == base {
				return r, nil
			}
		}
	}
	if base, ok := strings.CutSuffix(key, "-monitor"); ok {
		if r, ok := find(base + "-secure"); ok {
			return r, nil
		}
	}
	if r, ok := find(key + "-secure"); ok { // as IBM calls the location
		return r, nil
	}
	var names []string
	for _, r := range regions {
		names = append(names, r.Name)
	}
	return Region{}, &crowsnest.Error{
		Kind: crowsnest.Invalid, Op: "read region", Subject: clip(key, 40), Field: "region",
		Hint: "use " + strings.Join(names, ", ") + ", one of IBM Cloud such as eu-de-secure, or " + Custom + " with an address",
		Err:  errors.New("there is no such region"),
	}
}

// base returns where the API of cfg lives, without a slash at its end, and how errors call the region.
func (cfg Config) base() (u *url.URL, region string, err error) {
	name, address := strings.TrimSpace(cfg.Region), strings.TrimSpace(cfg.URL)
	if name == "" && address != "" {
		name = Custom
	}
	if name == "" {
		return nil, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure Sysdig", Field: "region", Hint: "name the region the token comes from, us2 for example", Err: errors.New("the region is missing")}
	}
	r, err := LookupRegion(name)
	if err != nil {
		return nil, "", err
	}
	if r.Name != Custom {
		if address != "" {
			return nil, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure Sysdig", Field: "url", Hint: "leave the address out, or use the region " + Custom, Err: fmt.Errorf("region %s has an address of its own", r.Name)}
		}
		return &url.URL{Scheme: "https", Host: r.Host}, r.Name, nil
	}
	if address == "" {
		return nil, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure Sysdig", Field: "url", Hint: "give a URL such as https://sysdig.example.com", Err: fmt.Errorf("region %s needs an address", Custom)}
	}
	u, err = parseAddress(address)
	return u, Custom, err
}

// SamePlace reports whether two accounts are asked at the same address. What cannot be asked is nowhere.
func (cfg Config) SamePlace(other Config) bool {
	a, _, err := cfg.base()
	b, _, failed := other.base()
	return err == nil && failed == nil && *a == *b
}

// parseAddress reads a host, a host with a port, or an http(s) URL. What people
// copy from the address bar of the user interface is cut down to the host.
func parseAddress(address string) (*url.URL, error) {
	bad := func(why string) error {
		// The address itself is left out: a password may stand in it.
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read Sysdig address", Field: "url", Hint: "write it as https://sysdig.example.com", Err: errors.New(why)}
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Hostname() == "", u.Opaque != "":
		return nil, bad("it is no URL with a host")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, bad("its scheme is neither https nor http")
	case u.User != nil:
		return nil, bad("it must not hold a user or password")
	case u.RawQuery != "":
		return nil, bad("it must not hold a query")
	}
	path := strings.TrimRight(u.Path, "/")
	if path == "/secure" || strings.HasPrefix(path, "/secure/") || strings.HasPrefix(path, "/api/") || path == "/api" {
		path = ""
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}, nil
}
