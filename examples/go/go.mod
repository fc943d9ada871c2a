module example.com/myinfo-example-go

go 1.18

require gopkg.in/square/go-jose.v2 v2.6.0

require golang.org/x/crypto v0.4.0 // indirect
