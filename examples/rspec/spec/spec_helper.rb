# frozen_string_literal: true

require 'json'
require 'net/http'
require 'tmpdir'
require_relative '../lib/relying_party'

# A mock for all examples. The program is that of the PATH, unless the environment names another.
class Mock
  PROGRAM = ENV.fetch('MYINFO_MOCK', 'myinfo-mock')

  attr_reader :url

  def initialize
    @out = IO.popen([PROGRAM, '--http', '127.0.0.1:0'])
    # this line comes when connections are accepted, and not before: nothing to poll
    @url = @out.gets.delete_prefix('ready ').strip
  end

  def stop
    Process.kill('TERM', @out.pid)
    @out.close
  end

  # What the mock knows of its own client. Yours has its own.
  def party(attributes)
    Dir.mktmpdir do |folder|
      system(PROGRAM, 'export', folder, out: File::NULL, exception: true)
      file = ->(name) { File.read(File.join(folder, name)) }
      env = file.call('env').scan(/^export (\w+)='(.*)'$/).to_h
      RelyingParty.new(
        base_url: "#{url}/com/v3", client_id: env.fetch('MYINFO_CLIENT_ID'),
        client_secret: env.fetch('MYINFO_CLIENT_SECRET'), redirect_uri: env.fetch('MYINFO_REDIRECT_URL'),
        key: file.call('client-key.pem'), certificate: file.call('myinfo-cert.pem'), attributes: attributes
      )
    end
  end

  # The browser's part, without pages. Gives the address at which your application is called back.
  def log_in(address, persona)
    uri = URI(address)
    answer = Net::HTTP.start(uri.host, uri.port) do |http|
      http.request(Net::HTTP::Get.new(uri, 'X-Myinfo-Mock-Persona' => persona))
    end
    answer['location'] || raise(answer.body)
  end

  # Forgets what happened before: requests, armed faults, logins that wait.
  def reset
    post('reset')
  end

  # Makes the service misbehave; `myinfo-mock faults` lists how.
  def arm(fault)
    post('faults', id: fault)
  end

  # nil, or every broken rule with its cause and its remedy; `called` also counts the requests.
  def broken_rules(called)
    answer = request('assertions', no_rule_broken: true, called: called)
    answer.body unless answer.is_a?(Net::HTTPSuccess)
  end

  private

  def post(operation, **body)
    answer = request(operation, **body)
    raise answer.body unless answer.is_a?(Net::HTTPSuccess)
  end

  def request(operation, **body)
    Net::HTTP.post(URI("#{url}/_mock/#{operation}"), JSON.generate(body), 'Content-Type' => 'application/json')
  end
end

# `expect(mock).to have_kept_all_rules(token: 1, person: 1)`
RSpec::Matchers.define :have_kept_all_rules do |called = {}|
  match { |mock| (@told = mock.broken_rules(called)).nil? }
  failure_message { @told }
end

RSpec.configure do |config|
  config.add_setting :mock
  config.before(:suite) { config.mock = Mock.new }
  config.after(:suite) { config.mock&.stop }
  config.before { mock.reset }
  config.include(Module.new { define_method(:mock) { RSpec.configuration.mock } })
end
