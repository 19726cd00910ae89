module example.org/shop/worker

go 1.26.8

require github.com/tidwall/gjson v1.6.3

require (
	github.com/tidwall/match v1.0.1 // indirect
	github.com/tidwall/pretty v1.0.2 // indirect
)
