module example.org/shop/web

go 1.26.8

require (
	github.com/buger/jsonparser v1.0.0
	golang.org/x/text v0.3.5
)
