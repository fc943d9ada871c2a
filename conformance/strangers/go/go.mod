module myinfo.example/strangers

go 1.19
